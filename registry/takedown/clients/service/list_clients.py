"""List an organization's clients."""

from __future__ import annotations

from typing import Any

from registry.core import cursor
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.takedown.campaigns import store as campaigns
from registry.takedown.clients.service.show_client import client


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
