"""List an organization's clients."""

from __future__ import annotations

from typing import Any

from registry.actions import cursor
from registry.actions.service import Service
from registry.actions.show_client import client
from registry.domain.caller import Caller
from registry.store import campaigns


def list_clients(
    service: Service, caller: Caller, *, limit: int = 50, after: str | None = None
) -> dict[str, Any]:
    """Clients, newest first. Needs `takedown`. Raises `BadInput` (`bad_cursor`)."""
    caller.require("takedown")
    with service.pool.transaction() as connection:
        rows = campaigns.clients(
            connection,
            caller.organization_id,
            after=cursor.place(after) if after else None,
            limit=limit + 1,
        )
    more, rows = len(rows) > limit, rows[:limit]
    ends = cursor.encode(rows[-1]["created_at"].isoformat(), rows[-1]["client_id"]) if more else None
    return {"clients": [client(service, row) for row in rows], "next": ends}
