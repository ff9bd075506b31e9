"""List entries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from registry.catalogue.banks.model import Tier
from registry.catalogue.banks.service.find_bank import find_bank
from registry.catalogue.entries.service.show_entry import shape
from registry.catalogue.entries.service.sift_depicted import Row, sift_depicted
from registry.catalogue.entries.store import entries
from registry.core import cursor
from registry.core.database.pool import Connection
from registry.core.identifiers import as_id
from registry.core.service import Service
from registry.identity.callers.model import Caller

MOST_WORDS: Final = 20


def list_entries(
    service: Service,
    caller: Caller,
    *,
    bank: str | None = None,
    status: str | None = None,
    text: str | None = None,
    tier: Tier | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    person: str | None = None,
    limit: int = 50,
    after: str | None = None,
) -> dict[str, Any]:
    """The caller's organization's entries, newest first; `next` continues where this page ends. Private cases
    are listed for reviewers alone.

    `text`: words that all stand in title or claim, at most MOST_WORDS of them. `since`, `until`: when it was
    registered, the second without. `person`: the id of an enrolled person whom the media show (needs the
    scope `faces`), else whom an entry says that it depicts, as `catalogue.entries.model.details.depicts`
    has it: that is kept
    sealed, so it is read entry by entry (`sift_depicted`), and a page may be short and have a next.
    A lookup-only caller cannot list a bank. Raises `Forbidden`, `NotFound` (`unknown_bank`), `BadInput`
    (`bad_cursor`), `Unavailable` (`keys_unavailable`).
    """
    caller.require_any("register", "review", "admin")
    person_id = as_id(person) if person else None
    if person_id:
        caller.require("faces")
    with service.pool.transaction() as connection:
        found = find_bank(connection, caller, bank)
        given: dict[str, Any] = {
            "cases": caller.sees_cases,
            "bank_id": found.bank_id if found else None,
            "status": status,
            "tier": tier,
            "words": words(text),
            "since": since,
            "until": until,
            "person_id": person_id,
        }
        place = cursor.place(after) if after else None
        if person and not person_id:
            return _depicting(service, connection, caller, person, given, place, limit)
        rows = entries.page(connection, caller.organization_id, **given, after=place, limit=limit + 1)
    return paged(rows, limit)


def _depicting(
    service: Service,
    connection: Connection,
    caller: Caller,
    wanted: str,
    given: dict[str, Any],
    place: tuple[datetime, UUID] | None,
    limit: int,
) -> dict[str, Any]:
    """A page of those that say that they depict somebody."""

    def read(last: Row | None, most: int) -> Sequence[Row]:
        after = (last["created_at"], last["entry_id"]) if last else place
        return entries.page(
            connection, caller.organization_id, **given, detailed=True, after=after, limit=most
        )

    rows, last = sift_depicted(service, connection, wanted, read, is_own=lambda _: True, limit=limit)
    return {"entries": [shape(row) for row in rows], "next": _encode(last) if last else None}


def words(text: str | None) -> list[str]:
    """The words that are looked for in titles and claims."""
    return (text or "").split()[:MOST_WORDS]


def paged(rows: Sequence[dict[str, Any]], limit: int) -> dict[str, Any]:
    """A page of at most `limit` entries; one row more says that another follows."""
    more = len(rows) > limit
    rows = rows[:limit]
    return {"entries": [shape(row) for row in rows], "next": _encode(rows[-1]) if more else None}


def _encode(row: dict[str, Any]) -> str:
    return cursor.encode(row["created_at"].isoformat(), row["entry_id"])
