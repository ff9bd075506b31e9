"""List and count what waits for a person in takedown."""

from __future__ import annotations

from registry.core import cursor
from registry.core.service import Service
from registry.core.tally import Tally
from registry.identity.callers.model import Caller
from registry.identity.organizations.service.operator import client_keys
from registry.takedown.campaigns.model import CampaignTexts
from registry.takedown.campaigns.service import texts
from registry.takedown.notices.model.texts import NoticeAddress
from registry.takedown.worklist import store
from registry.takedown.worklist.model import Kind, WaitingItem, Worklist
from registry.takedown.worklist.store import StoredItem


def list_waiting(
    service: Service, caller: Caller, kind: Kind, *, limit: int = 50, after: str | None = None
) -> Worklist:
    """Return a page of waiting items of the caller's organization, most urgent first. Needs `takedown`.

    Raises `BadInput` (`bad_cursor`).
    """
    caller.require("takedown")
    position = cursor.place(after) if after else None
    with service.pool.transaction() as connection:
        rows = store.page(connection, caller.organization_id, kind, after=position, limit=limit + 1)
    more, rows = len(rows) > limit, rows[:limit]
    next_ = cursor.encode(rows[-1].at.isoformat(), rows[-1].item_id) if more else None
    return Worklist([_shown(service, row) for row in rows], next_)


def count_waiting(service: Service, caller: Caller, kind: Kind) -> Tally:
    """Count the items of `list_waiting`. Needs `takedown`."""
    caller.require("takedown")
    with service.pool.transaction() as connection:
        return store.count(connection, caller.organization_id, kind)


def _shown(service: Service, row: StoredItem) -> WaitingItem:
    key = client_keys(service).find(row.client_id)
    campaign = texts.CAMPAIGN.decrypt(key, row.campaign_sealed) or CampaignTexts()
    address = texts.ADDRESS.decrypt(key, row.place_sealed) or NoticeAddress()
    return WaitingItem(
        item_id=row.item_id,
        campaign_id=row.campaign_id,
        notice_id=row.notice_id,
        campaign=campaign.title,
        title=row.title,
        platform=row.platform,
        url=address.url,
        content_id=address.content_id,
        at=row.at,
        stands=row.stands,
        status=row.status,
    )
