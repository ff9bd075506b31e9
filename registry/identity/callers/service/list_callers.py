"""List an organization's callers."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from uuid import UUID

from registry.core import cursor
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.callers.service.show_caller import shape
from registry.identity.callers.store import api_keys, callers


def list_callers(
    service: Service, caller: Caller, *, everything: bool = False, limit: int = 50, after: str | None = None
) -> dict[str, Any]:
    """The own organization's callers, oldest first, each with its keys; `next` continues where it ends.
    `everything`: also callers and keys that have expired or were revoked. Needs `admin`.

    Raises `BadInput` (`bad_cursor`).
    """
    caller.require("admin")
    with service.pool.transaction() as connection:
        rows = callers.page(
            connection,
            caller.organization_id,
            everything=everything,
            after=cursor.place(after) if after else None,
            limit=limit + 1,
        )
        more, rows = len(rows) > limit, rows[:limit]
        ids = [row["caller_id"] for row in rows]
        keys: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
        for key in api_keys.of_callers(connection, ids, everything=everything):
            keys[key["caller_id"]].append(key)
    last = rows[-1] if more else None
    return {
        "callers": [shape(row, keys[row["caller_id"]]) for row in rows],
        "next": cursor.encode(last["created_at"].isoformat(), last["caller_id"]) if last else None,
    }
