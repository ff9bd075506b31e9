"""List what platforms had removed and what was found there again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from registry.core import cursor
from registry.core.crypto.keys import Key
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.takedown.campaigns.service import takedown
from registry.takedown.recurrences import store as notice_returns


def list_returns(
    service: Service,
    caller: Caller,
    campaign_id: UUID,
    *,
    outcome: str | None = None,
    limit: int = 50,
    after: str | None = None,
) -> dict[str, Any]:
    """A page of a campaign's returns, the newest first; those that are `proposed` wait for a person. Needs
    `takedown`. Raises `NotFound` (`unknown_campaign`), `BadInput` (`bad_cursor`)."""
    caller.require("takedown")
    with service.pool.transaction() as connection:
        campaign = takedown.find_campaign(connection, caller, campaign_id)
        rows = notice_returns.page(
            connection,
            campaign_id,
            outcome=outcome,
            before=cursor.place(after) if after else None,
            limit=limit + 1,
        )
    key = takedown.keys(service).find(campaign["client_id"])
    more, rows = len(rows) > limit, rows[:limit]
    ends = cursor.encode(rows[-1]["created_at"].isoformat(), rows[-1]["return_id"]) if more else None
    return {"returns": [shown(key, row) for row in rows], "next": ends}


def shown(key: Key | None, row: Mapping[str, Any]) -> dict[str, Any]:
    """A return as it is shown; without the client's `key` its place is not known."""
    place = takedown.open_sealed(key, row["sealed"], takedown.PLACE) or {}
    return {
        "return_id": str(row["return_id"]),
        "entry_id": str(row["entry_id"]),
        "platform": row["platform"],
        "url": place.get("url"),
        "content_id": place.get("content_id"),
        "via": row["via"],
        "asked_by": str(row["asked_by"]),
        "lookup_id": str(row["lookup_id"]),
        "verdict": row["verdict"],
        "match": row["match"],
        "seen_time": row["seen_time"].isoformat(),
        "outcome": row["outcome"],
        "why": row["why"],
        "first_notice_id": str(row["first_id"]),
        "notice_id": str(row["notice_id"]) if row["notice_id"] else None,
        "created_at": row["created_at"].isoformat(),
        "decided_at": row["decided_at"].isoformat() if row["decided_at"] else None,
    }
