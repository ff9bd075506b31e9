"""List what an organization has taken in, or begun to."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from registry.core import cursor
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.sharing.lists.service.show_import import shape
from registry.sharing.lists.store import imports


def list_imports(
    service: Service,
    caller: Caller,
    *,
    name: str | None = None,
    state: str | None = None,
    limit: int = 50,
    after: str | None = None,
) -> dict[str, Any]:
    """The organization's imports, newest first; `next` continues where this page ends. Needs `register`.

    Raises `BadInput` (`bad_cursor`).
    """
    caller.require("register")
    with service.pool.transaction() as connection:
        rows = imports.page(
            connection,
            caller.organization_id,
            name=name,
            state=state,
            after=_decode(after) if after else None,
            limit=limit + 1,
        )
    more = len(rows) > limit
    rows = rows[:limit]
    last = cursor.encode(rows[-1]["created_at"].isoformat(), rows[-1]["import_id"]) if more else None
    return {"imports": [shape(row) for row in rows], "next": last}


def _decode(given: str) -> tuple[datetime, UUID]:
    at, import_id = cursor.decode(given, words=2)
    try:
        return datetime.fromisoformat(at), UUID(import_id)
    except ValueError as error:
        raise cursor.refused() from error
