"""List campaigns."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from registry.core import cursor
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.takedown.campaigns import store as campaigns
from registry.takedown.campaigns.service import takedown
from registry.takedown.campaigns.service.show_campaign import campaign


def list_campaigns(
    service: Service,
    caller: Caller,
    *,
    state: Literal["open", "closed"] | None = None,
    entry_id: UUID | None = None,
    limit: int = 50,
    after: str | None = None,
) -> dict[str, Any]:
    """Campaigns of the caller's organization, newest first; those that are about an entry, where it is named.
    Needs `takedown`. Raises `BadInput` (`bad_cursor`)."""
    caller.require("takedown")
    with service.pool.transaction() as connection:
        rows = campaigns.page(
            connection,
            caller.organization_id,
            state=state,
            entry_id=entry_id,
            after=cursor.place(after) if after else None,
            limit=limit + 1,
        )
    more, rows = len(rows) > limit, rows[:limit]
    ends = cursor.encode(rows[-1]["created_at"].isoformat(), rows[-1]["campaign_id"]) if more else None
    keys = takedown.keys(service)
    shown = [campaign(keys.find(row["client_id"]), row) | {"notices": row["notices"]} for row in rows]
    return {"campaigns": shown, "next": ends}
