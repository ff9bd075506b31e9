"""The part of an entry's page that lists its takedown campaigns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from registry.console.view import Page
from registry.takedown.campaigns.model import CampaignFilter
from registry.takedown.campaigns.service.campaigns import list_campaigns


def section(page: Page, entry_id: UUID) -> Mapping[str, Any]:
    """Return the organization's campaigns about the entry; None for callers without the permission."""
    if not page.may("listCampaigns"):
        return {"campaigns": None}
    return {
        "campaigns": list_campaigns(page.service, page.caller, CampaignFilter(entry_id=entry_id)).campaigns
    }
