"""List the notices of a campaign."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from registry.core import cursor
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.takedown.campaigns.service import takedown
from registry.takedown.notices.model.notice import Stand
from registry.takedown.notices.service.show_notice import shown
from registry.takedown.notices.store import notices

Order = Literal["oldest", "due"]


def list_notices(
    service: Service,
    caller: Caller,
    campaign_id: UUID,
    *,
    state: Stand | None = None,
    platform: str | None = None,
    regime: str | None = None,
    order: Order = "oldest",
    limit: int = 50,
    after: str | None = None,
) -> dict[str, Any]:
    """Notices, oldest first, each with what keeps it from being sent. In the order `due`, those alone whose
    term runs or was over before an answer came, the earliest first. Needs `takedown`. Raises `NotFound`
    (`unknown_campaign`), `BadInput` (`bad_cursor`)."""
    caller.require("takedown")
    with service.pool.transaction() as connection:
        campaign = takedown.find_campaign(connection, caller, campaign_id)
        rows = notices.page(
            connection,
            campaign_id,
            state=state,
            platform=platform,
            regime=regime,
            after=cursor.place(after) if after else None,
            limit=limit + 1,
            due=order == "due",
        )
        more, rows = len(rows) > limit, rows[:limit]
        facts = notices.facts(connection, [row["notice_id"] for row in rows])
    key = takedown.keys(service).find(campaign["client_id"])
    by = "due_at" if order == "due" else "created_at"
    ends = cursor.encode(rows[-1][by].isoformat(), rows[-1]["notice_id"]) if more else None
    return {"notices": [shown(key, row, facts[row["notice_id"]]) for row in rows], "next": ends}
