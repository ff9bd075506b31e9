"""Give and list opinions on matches."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from registry.catalogue.entries.service.visibility import find_entry, own_entry
from registry.core import cursor
from registry.core.audit.service import record_event
from registry.core.service import Service
from registry.identity import organizations
from registry.identity.callers.model import Caller
from registry.matching import lookups
from registry.matching.decision.model.confidence import coarse
from registry.matching.lookups.errors import NotAnswered, UnknownLookup
from registry.review.opinions import store as opinions
from registry.review.opinions.errors import UnknownMatch
from registry.review.opinions.store import After, FoundBy
from registry.review.queue import model as review
from registry.review.queue import store as reviews
from registry.review.queue.schemas import (
    EntryOpinions,
    GivenOpinion,
    KeptOpinion,
    Opinion,
    OpinionPage,
    OpinionSummary,
)

LATEST: Final = 500
"""Lookups of the caller that are searched for an entry. An entry does not record which lookups returned
it."""
MOST: Final = 10


def list_matches(
    service: Service, caller: Caller, entry_id: UUID, lookup_id: UUID | None = None
) -> list[FoundBy]:
    """Return the caller's latest lookups that found the entry, newest first. For `give_opinion`. Needs
    `lookup`.

    At most `MOST` of the LATEST lookups. `lookup_id`: a lookup of the caller's organization to put first.

    Raises `NotFound` (`unknown_entry`).
    """
    caller.require("lookup")
    with service.pool.transaction() as connection:
        find_entry(connection, caller, entry_id)
        return opinions.matched(connection, caller, entry_id, lookup_id, looked=LATEST, limit=MOST)


def give_opinion(
    service: Service, caller: Caller, lookup_id: UUID, *, entry_id: UUID, opinion: Opinion
) -> GivenOpinion:
    """Store the caller's opinion on a match in a lookup of its organization. Needs `lookup`.

    A later opinion replaces the earlier one. Enough denials by several organizations queue the entry for a
    reviewer (`review.queue.model.doubted`). Opinions change no tier.

    Raises `NotFound` (`unknown_lookup`, `unknown_match`), `Conflict` (`not_answered`).
    """
    caller.require("lookup")
    with service.pool.transaction() as connection:
        row = lookups.find_lookup(connection, caller.organization_id, lookup_id)
        if row is None:
            raise UnknownLookup(
                f"Your organization has no lookup {lookup_id}.",
                next_step="Give the `lookup_id` of an answer: `fakeprint lookup --json` prints it.",
            )
        if row["status"] != "answered":
            raise NotAnswered(f"The lookup is {row['status']}.")
        match = _match(row["answer"], entry_id)
        entry = reviews.owner(connection, entry_id)
        if match is None or entry is None:
            raise UnknownMatch(f"The lookup has no match with the entry {entry_id}.")
        stored = opinions.give(connection, caller, lookup_id, entry_id, opinion, match)
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
            reviews.enqueue_entry(connection, entry_id, "opinions")
    return GivenOpinion.model_validate(stored)


def _match(answer: Mapping[str, Any], entry_id: UUID) -> Mapping[str, Any] | None:
    """Return the most severe match with an entry."""
    matches = [match for match in answer.get("matches", ()) if match["entry_id"] == str(entry_id)]
    return matches[0] if matches else None


def entry_opinions(
    service: Service, caller: Caller, entry_id: UUID, *, limit: int = 50, after: str | None = None
) -> EntryOpinions:
    """Return the opinions on an entry's matches for its owner: a summary and a page, oldest first.

    Needs `register`, `review` or `admin`. Raises `NotFound` (`unknown_entry`), `Forbidden` (`foreign_bank`).
    """
    caller.require_any("review", "register", "admin")
    with service.pool.transaction() as connection:
        own_entry(connection, caller, entry_id)
        summary = opinions.summary(connection, entry_id)
        rows = opinions.page(
            connection, caller.organization_id, entry_id=entry_id, after=_decode(after), limit=limit + 1
        )
    page = _page(rows, caller, limit)
    return EntryOpinions(
        entry_id=str(entry_id),
        summary=OpinionSummary.model_validate(summary),
        opinions=page.opinions,
        next=page.next,
    )


def list_opinions(
    service: Service, caller: Caller, *, limit: int = 200, after: str | None = None
) -> OpinionPage:
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


def _page(rows: list[dict[str, Any]], caller: Caller, limit: int) -> OpinionPage:
    more, rows = len(rows) > limit, rows[:limit]
    last = rows[-1] if rows else None
    words = (
        (last["given_at"].isoformat(), last["entry_id"], last["lookup_id"], last["caller_id"]) if last else ()
    )
    return OpinionPage(
        opinions=[_shape(row, caller) for row in rows],
        next=cursor.encode(*words) if more else None,
    )


def _shape(row: dict[str, Any], caller: Caller) -> KeptOpinion:
    """Return an opinion. For other organizations' opinions, caller and lookup are hidden."""
    hidden = (
        {} if row["organization_id"] == caller.organization_id else {"lookup_id": None, "caller_id": None}
    )
    return KeptOpinion.model_validate(
        {
            **row["match"],
            **row,
            **hidden,
            "confidence": _confidence(row["confidence"], caller),
            "signals": row["match"]["signals"] if caller.sees_signals else None,
        }
    )


def _confidence(value: float | None, caller: Caller) -> float | None:
    return value if caller.sees_signals else coarse(value)


def _decode(text: str | None) -> After | None:
    if not text:
        return None
    at, *ids = cursor.decode(text, words=4)
    try:
        entry, lookup, caller = map(UUID, ids)
        return datetime.fromisoformat(at), entry, lookup, caller
    except ValueError as error:
        raise cursor.refused() from error
