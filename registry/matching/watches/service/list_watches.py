"""List the watches of an organization."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from registry.core import cursor
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.matching.watches import store as watches
from registry.matching.watches.service.show_watch import shown


def list_watches(
    service: Service, caller: Caller, *, limit: int = 50, after: str | None = None
) -> dict[str, Any]:
    """The lookups of the caller's organization that are watched, the newest first; `next` continues where
    this page ends. Needs `lookup`. Raises `BadInput` (`bad_cursor`)."""
    caller.require("lookup")
    with service.pool.transaction() as connection:
        rows = watches.page(
            connection, caller.organization_id, after=_decode(after) if after else None, limit=limit + 1
        )
    more, rows = len(rows) > limit, rows[:limit]
    last = rows[-1] if rows else None
    return {
        "watches": [shown(row) for row in rows],
        "next": cursor.encode(last["created_at"].isoformat(), last["watch_id"]) if more and last else None,
    }


def _decode(given: str) -> tuple[datetime, UUID]:
    at, watch_id = cursor.decode(given, words=2)
    try:
        moment, identity = datetime.fromisoformat(at), UUID(watch_id)
    except ValueError as error:
        raise cursor.refused() from error
    if moment.tzinfo is None:
        raise cursor.refused()
    return moment, identity
