"""On the page of an entry: the takedown campaigns about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from registry.console.view import Page
from registry.takedown.campaigns.model import CampaignFilter
from registry.takedown.campaigns.service.campaigns import list_campaigns


def section(page: Page, entry_id: UUID) -> Mapping[str, Any]:
    """The campaigns of one's own organization; None for callers without a part in takedown."""
    if not page.may("listCampaigns"):
        return {"campaigns": None}
    return {
        "campaigns": list_campaigns(page.service, page.caller, CampaignFilter(entry_id=entry_id)).campaigns
    }
