"""List what waits for a reviewer."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from registry.catalogue.banks.model import Tier
from registry.catalogue.banks.service.banks import find_bank
from registry.catalogue.entries.service.details import Row, sift_depicted
from registry.catalogue.entries.service.entries import words
from registry.core import cursor
from registry.core.identifiers import as_id
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.review.queue import store as reviews
from registry.review.queue.model import Reason


def list_reviews(
    service: Service,
    caller: Caller,
    *,
    bank: str | None = None,
    reason: Reason | None = None,
    claimed: Literal["mine", "others", "none"] | None = None,
    unverified: bool | None = None,
    text: str | None = None,
    tier: Tier | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    person: str | None = None,
    limit: int = 50,
    after: str | None = None,
) -> dict[str, Any]:
    """What waits in the banks that the caller sees, most urgent first, then oldest. What the caller has
    reviewed and waits for another is left out. `text`: words that all stand in title or claim; `since`,
    `until`: when it was registered, the second without. `person`: as `list_entries` has it; of another's
    entry only whom it names publicly counts, and of one that is suspended nobody. Needs `review`.

    Raises `NotFound` (`unknown_bank`), `Conflict` (`ambiguous_bank`), `BadInput` (`bad_cursor`), `Forbidden`
    for an enrolled person without the scope `faces`, `Unavailable` (`keys_unavailable`).
    """
    caller.require("review")
    person_id = as_id(person) if person else None
    if person_id:
        caller.require("faces")
    named = person if person and not person_id else None
    place = _decode(after) if after else None
    with service.pool.transaction() as connection:
        found = find_bank(connection, caller, bank)

        def read(last: Row | None, most: int) -> list[Row]:
            return reviews.queue(
                connection,
                organization_id=caller.organization_id,
                caller_id=caller.caller_id,
                bank_id=found.bank_id if found else None,
                reason=reason,
                claimed=claimed,
                unverified=unverified,
                words=words(text),
                tier=tier,
                registered=(since, until),
                person_id=person_id,
                detailed=named is not None,
                after=(last["priority"], last["since"], last["entry_id"]) if last else place,
                limit=most,
            )

        if named is None:
            rows = read(None, limit + 1)
            rows, ends = rows[:limit], rows[limit - 1] if len(rows) > limit else None
        else:
            rows, ends = sift_depicted(service, connection, named, read, is_own=_is_ours, limit=limit)
    return {"items": [_shape(row) for row in rows], "next": _encode(ends) if ends else None}


def _is_ours(row: Row) -> bool:
    return bool(row["own"])


def _encode(row: Row) -> str:
    return cursor.encode(row["priority"], row["since"].isoformat(), row["entry_id"])


def _shape(row: dict[str, Any]) -> dict[str, Any]:
    claimed = None
    if row["lease_until"] is not None:
        claimed = {"by": "you" if row["mine"] else "another", "lease_until": row["lease_until"].isoformat()}
    plain = ("reason", "priority", "title", "status", "tier", "original_tier", "own_tier", "bank")
    return {
        "entry_id": str(row["entry_id"]),
        **{name: row[name] for name in (*plain, "organization", "own", "unverified", "private_case")},
        "since": row["since"].isoformat(),
        "created_at": row["created_at"].isoformat(),
        "claimed": claimed,
    }


def _decode(given: str) -> tuple[int, datetime, UUID]:
    priority, since, entry_id = cursor.decode(given, words=3)
    try:
        return int(priority) % 10, datetime.fromisoformat(since), UUID(entry_id)
    except ValueError as error:
        raise cursor.refused() from error
