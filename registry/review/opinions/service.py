"""Give and list opinions on matches."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from registry.catalogue.entries.service.visibility import find_entry, own_entry
from registry.core import cursor
from registry.core.audit.service import record_event
from registry.core.errors import Conflict, NotFound
from registry.core.service import Service
from registry.identity import organizations
from registry.identity.callers.model import Caller
from registry.matching import lookups
from registry.matching.decision.model import coarse_confidence
from registry.review.opinions import store as opinions
from registry.review.opinions.store import After
from registry.review.queue import model as review
from registry.review.queue import store as reviews
from registry.review.queue.service.queue import counted

LATEST: Final = 500
"""Lookups of the caller that are searched for an entry. An entry does not record which lookups returned
it."""
MOST: Final = 10


def list_matches(
    service: Service, caller: Caller, entry_id: UUID, lookup_id: UUID | None = None
) -> list[dict[str, Any]]:
    """Return the caller's latest lookups that found the entry, newest first. For `give_opinion`. Needs
    `lookup`.

    At most `MOST` of the LATEST lookups. `lookup_id`: a lookup of the caller's organization to put first.
    Each row has `lookup_id`, `verdict`, `created_at` (UTC) and `opinion`: the caller's own, or None.

    Raises `NotFound` (`unknown_entry`).
    """
    caller.require("lookup")
    with service.pool.transaction() as connection:
        find_entry(connection, caller, entry_id)
        return opinions.matched(
            connection,
            caller_id=caller.caller_id,
            organization_id=caller.organization_id,
            entry_id=entry_id,
            lookup_id=lookup_id,
            looked=LATEST,
            limit=MOST,
        )


Opinion = Literal["true_positive", "false_positive"]


def give_opinion(
    service: Service, caller: Caller, lookup_id: UUID, *, entry_id: UUID, opinion: Opinion
) -> dict[str, Any]:
    """Store the caller's opinion on a match in a lookup of its organization. Needs `lookup`.

    A later opinion replaces the earlier one. Enough denials by several organizations queue the entry for a
    reviewer (`review.queue.model.doubted`). Opinions change no tier.

    Raises `NotFound` (`unknown_lookup`, `unknown_match`), `Conflict` (`not_answered`).
    """
    caller.require("lookup")
    with service.pool.transaction() as connection:
        row = lookups.find_lookup(connection, caller.organization_id, lookup_id)
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
    """Return the most severe match with an entry."""
    found = [match for match in answer.get("matches", ()) if match["entry_id"] == str(entry_id)]
    return found[0] if found else None


def entry_opinions(
    service: Service, caller: Caller, entry_id: UUID, *, limit: int = 50, after: str | None = None
) -> dict[str, Any]:
    """Return the opinions on an entry's matches for its owner: a summary and a page, oldest first.

    Needs `register`, `review` or `admin`. Raises `NotFound` (`unknown_entry`), `Forbidden` (`foreign_bank`).
    """
    caller.require_any("review", "register", "admin")
    with service.pool.transaction() as connection:
        own_entry(connection, caller, entry_id)
        said = opinions.summary(connection, entry_id)
        rows = opinions.page(
            connection, caller.organization_id, entry_id=entry_id, after=_decode(after), limit=limit + 1
        )
    return {"entry_id": str(entry_id), "summary": counted(said), **_page(rows, caller, limit)}


def list_opinions(
    service: Service, caller: Caller, *, limit: int = 200, after: str | None = None
) -> dict[str, Any]:
    """List opinions on the organization's entries and by its callers, oldest first.

    Each has the confidence and the signals of the answer. Administrators of the operator's organization see
    all opinions. Needs `admin`, and the scope `signals` for the signals.

    Raises `BadInput` (`bad_cursor`).
    """
    caller.require("admin")
    with service.pool.transaction() as connection:
        rows = opinions.page(
            connection,
            caller.organization_id,
            everybody=organizations.operates(connection, caller.organization_id),
            after=_decode(after),
            limit=limit + 1,
        )
    return _page(rows, caller, limit)


def _page(rows: list[dict[str, Any]], caller: Caller, limit: int) -> dict[str, Any]:
    more, rows = len(rows) > limit, rows[:limit]
    last = rows[-1] if rows else None
    words = (
        (last["given_at"].isoformat(), last["entry_id"], last["lookup_id"], last["caller_id"]) if last else ()
    )
    return {
        "opinions": [_shape(row, caller) for row in rows],
        "next": cursor.encode(*words) if more else None,
    }


def _shape(row: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Of other organizations' opinions only the organization is shown, not the caller and the lookup."""
    own = row["organization_id"] == caller.organization_id
    match = row["match"]
    return {
        "entry_id": str(row["entry_id"]),
        "lookup_id": str(row["lookup_id"]) if own else None,
        "caller_id": str(row["caller_id"]) if own else None,
        "organization": row["organization"],
        "opinion": row["opinion"],
        "verdict": row["verdict"],
        "confidence": _confidence(row["confidence"], caller),
        "relation": match["relation"],
        "reasons": match["reasons"],
        "exact": match["exact"],
        "signals": match["signals"] if caller.sees_signals else None,
        "given_at": row["given_at"].isoformat(),
        "changed_at": row["changed_at"].isoformat() if row["changed_at"] else None,
    }


def _confidence(value: float | None, caller: Caller) -> float | None:
    return value if caller.sees_signals else coarse_confidence.confidence(value)


def _decode(given: str | None) -> After | None:
    if not given:
        return None
    at, *ids = cursor.decode(given, words=4)
    try:
        entry, lookup, caller = map(UUID, ids)
        return datetime.fromisoformat(at), entry, lookup, caller
    except ValueError as error:
        raise cursor.refused() from error
