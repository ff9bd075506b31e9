"""Which notices a text names: for a person who says what a reply answers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.takedown.campaigns.service import takedown
from registry.takedown.notices.store import notices
from registry.takedown.replies.model import reply
from registry.takedown.replies.store import notice_replies


def name_notices(service: Service, caller: Caller, text: str) -> dict[UUID, dict[str, Any]]:
    """Of the notices of the caller's organization that were sent and that the text names (the mark of a
    subject, FP-…, or a notice's number), by id: `notice_id`, `campaign_id`, `platform`, `url`, `content_id`,
    `state`. Needs `takedown`."""
    caller.require("takedown")
    names = reply.named(text)
    if not names:
        return {}
    with service.pool.transaction() as connection:
        named = [one for one, _, _ in notice_replies.named(connection, caller.organization_id, names)]
        rows = notices.full(connection, caller.organization_id, named) if named else []
    found = {}
    for row in rows:
        key = takedown.keys(service).find(row["client_id"])
        place = takedown.open_sealed(key, row["place_sealed"], takedown.PLACE) or {}
        found[row["notice_id"]] = {
            "notice_id": str(row["notice_id"]),
            "campaign_id": str(row["campaign_id"]),
            "platform": row["platform"],
            "url": place.get("url"),
            "content_id": place.get("content_id"),
            "state": row["stands"],
        }
    return found
