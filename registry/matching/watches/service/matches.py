"""Matches of watched lookups that the console shows until somebody has seen them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from registry.core import cursor
from registry.core.service import Service
from registry.core.tally import Tally
from registry.identity.callers.model import Caller
from registry.matching.watches import store as watches
from registry.matching.watches.model import FoundMatches


def list_matches(
    service: Service,
    caller: Caller,
    *,
    seen: bool = False,
    watch_id: UUID | None = None,
    limit: int = 50,
    after: str | None = None,
) -> FoundMatches:
    """Return new answers to the organization's watched lookups, the newest first. Needs `lookup`.

    `seen`: with those that somebody has marked as seen. `watch_id`: only those to this watch.

    Raises `BadInput` (`bad_cursor`).
    """
    caller.require("lookup")
    position = cursor.place(after) if after else None
    with service.pool.transaction() as connection:
        rows = watches.matches(
            connection, caller, seen=seen, watch_id=watch_id, after=position, limit=limit + 1
        )
    more, rows = len(rows) > limit, rows[:limit]
    next_ = cursor.encode(rows[-1].answered_at.isoformat(), rows[-1].watch_id) if more else None
    return FoundMatches(rows, next_)


def count_matches(service: Service, caller: Caller) -> Tally:
    """Count the matches that nobody has marked as seen. Needs `lookup`."""
    caller.require("lookup")
    with service.pool.transaction() as connection:
        return watches.count_matches(connection, caller.organization_id)


def mark_seen(service: Service, caller: Caller, until: datetime, of: tuple[UUID, UUID] | None = None) -> None:
    """Mark matches up to a time as seen, for everybody in the organization. Needs `lookup`.

    `of`: only those of this watch about this entry.
    """
    caller.require("lookup")
    with service.pool.transaction() as connection:
        watches.mark_seen(connection, caller, until, of)
