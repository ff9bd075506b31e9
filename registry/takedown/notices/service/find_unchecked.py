"""Which notices no lookup stands with yet."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.takedown.campaigns.service import takedown
from registry.takedown.notices.store import notices


def find_unchecked(
    service: Service, caller: Caller, campaign_id: UUID, notice_ids: Sequence[UUID]
) -> set[UUID]:
    """Those of a campaign's notices of whose places no lookup has said anything. Needs `takedown`. Raises
    `NotFound` (`unknown_campaign`)."""
    caller.require("takedown")
    with service.pool.transaction() as connection:
        takedown.find_campaign(connection, caller, campaign_id)
        return notices.unchecked(connection, campaign_id, notice_ids)
