"""List entries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from registry.actions import cursor
from registry.actions.find_bank import find_bank
from registry.actions.service import Service
from registry.actions.show_entry import shape
from registry.domain.caller import Caller
from registry.domain.policy import Tier
from registry.store import entries

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
    limit: int = 50,
    after: str | None = None,
) -> dict[str, Any]:
    """The caller's organization's entries, newest first; `next` continues where this page ends.

    `text`: words that all stand in title or claim, at most MOST_WORDS of them. `since`, `until`: when it was
    registered, the second without. A lookup-only caller cannot list a bank. Raises `Forbidden`, `NotFound`
    (`unknown_bank`), `BadInput` (`bad_cursor`).
    """
    caller.require("register")
    with service.pool.transaction() as connection:
        found = find_bank(connection, caller, bank)
        rows = entries.page(
            connection,
            caller.organization_id,
            bank_id=found.bank_id if found else None,
            status=status,
            tier=tier,
            words=(text or "").split()[:MOST_WORDS],
            since=since,
            until=until,
            after=cursor.place(after) if after else None,
            limit=limit + 1,
        )
    return paged(rows, limit)


def paged(rows: Sequence[dict[str, Any]], limit: int) -> dict[str, Any]:
    """A page of at most `limit` entries; one row more says that another follows."""
    more = len(rows) > limit
    rows = rows[:limit]
    return {
        "entries": [shape(row) for row in rows],
        "next": cursor.encode(rows[-1]["created_at"].isoformat(), rows[-1]["entry_id"]) if more else None,
    }
