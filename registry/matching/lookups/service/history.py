"""Earlier lookups of an organization."""

from __future__ import annotations

from registry.core import cursor
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.matching.lookups.model import LookupFilter, PastLookup, PastLookups
from registry.matching.lookups.store import history


def list_lookups(
    service: Service,
    caller: Caller,
    chosen: LookupFilter,
    *,
    limit: int = 50,
    after: str | None = None,
) -> PastLookups:
    """Return the lookups of the caller's organization, the newest first. Needs `lookup`.

    File names are not stored. Entries that the caller may no longer see have no title. Raises `BadInput`
    (`bad_cursor`).
    """
    caller.require("lookup")
    position = cursor.place(after) if after else None
    with service.pool.transaction() as connection:
        rows = history.page(connection, caller, chosen, after=position, limit=limit + 1)
    more, rows = len(rows) > limit, rows[:limit]
    past = [PastLookup(**row) for row in rows]
    next_ = cursor.encode(past[-1].created_at.isoformat(), past[-1].lookup_id) if more else None
    return PastLookups(past, next_)
