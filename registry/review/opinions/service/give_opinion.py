"""A caller confirms or denies a match."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal
from uuid import UUID

from registry.core.audit.service import record_event
from registry.core.errors import Conflict, NotFound
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.matching.lookups.store import lookups
from registry.review.opinions import store as opinions
from registry.review.queue import model as review
from registry.review.queue import store as reviews

Opinion = Literal["true_positive", "false_positive"]


def give_opinion(
    service: Service, caller: Caller, lookup_id: UUID, *, entry_id: UUID, opinion: Opinion
) -> dict[str, Any]:
    """Keep what the caller says of a match that their organization was answered; said again, it replaces the
    first. Denied often enough, by several organizations, the entry waits for a reviewer
    (`review.queue.model.doubted`); no tier changes by opinions. Needs `lookup`.

    Raises `NotFound` (`unknown_lookup`, `unknown_match`), `Conflict` (`not_answered`).
    """
    caller.require("lookup")
    with service.pool.transaction() as connection:
        row = lookups.show(connection, caller.organization_id, lookup_id)
        if row is None:
            raise NotFound(
                f"There is no lookup {lookup_id} of your organization.",
                code="unknown_lookup",
                next_step="Give the `lookup_id` of an answer: `fakeprint lookup --json` prints it.",
            )
        if row["status"] != "answered":
            raise Conflict(f"The lookup is {row['status']}.", code="not_answered")
        match = _match(row["answer"], entry_id)
        entry = reviews.owner(connection, entry_id)
        if match is None or entry is None:
            raise NotFound(f"The lookup has no match with an entry {entry_id}.", code="unknown_match")
        kept = opinions.give(
            connection,
            lookup_id=lookup_id,
            entry_id=entry_id,
            caller_id=caller.caller_id,
            organization_id=caller.organization_id,
            opinion=opinion,
            verdict=match["verdict"],
            confidence=match["confidence"],
            match={name: match[name] for name in ("relation", "reasons", "exact", "coverage", "signals")},
        )
        record_event(
            connection,
            caller,
            "opinion.given",
            organization_id=entry,
            entry_id=entry_id,
            subject={"lookup_id": lookup_id},
            said={"opinion": opinion, "by": caller.organization_id},
        )
        if opinion == "false_positive" and review.doubted(opinions.denials(connection, entry_id)):
            reviews.wait(connection, entry_id, "opinions")
    return {
        "lookup_id": str(lookup_id),
        "entry_id": str(entry_id),
        "opinion": opinion,
        "given_at": kept["given_at"].isoformat(),
        "changed_at": kept["changed_at"].isoformat() if kept["changed_at"] else None,
    }


def _match(answer: Mapping[str, Any], entry_id: UUID) -> Mapping[str, Any] | None:
    """The gravest match with an entry."""
    found = [one for one in answer.get("matches", ()) if one["entry_id"] == str(entry_id)]
    return found[0] if found else None
