"""What takedown says on the page of an entry: its campaigns and the next step. Adding entries to one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from registry.catalogue.entries.pages.bulk import Action, Choice
from registry.catalogue.entries.pages.entries import Step
from registry.catalogue.entries.schemas.registration import Entry
from registry.console.languages import N_
from registry.console.view import Page, as_uuid
from registry.takedown.campaigns.model import CampaignFilter
from registry.takedown.campaigns.service.campaigns import add_campaign_entry, list_campaigns


def section(page: Page, entry_id: UUID) -> Mapping[str, Any]:
    """Return the organization's campaigns about the entry; None for callers without the permission."""
    if not page.may("listCampaigns"):
        return {"campaigns": None}
    return {
        "campaigns": list_campaigns(page.service, page.caller, CampaignFilter(entry_id=entry_id)).campaigns
    }


def confirmed(_page: Page, entry: Entry, parts: Mapping[str, Any]) -> Step | None:
    """Start a takedown of a confirmed fake, or go on with it."""
    if entry.status != "matchable" or entry.tier == "unreviewed" or parts["campaigns"] is None:
        return None
    if campaign := next((row for row in parts["campaigns"] if row.state == "open"), None):
        text = N_("A takedown campaign is under way.")
        return Step(text, N_("Open the campaign"), f"/takedown/{campaign.campaign_id}")
    text = N_("It is confirmed. Ask the platforms that show it to remove it.")
    return Step(text, N_("Begin a takedown"), f"/takedown/begin?entry={entry.entry_id}")


def _add(page: Page, entry_id: UUID) -> None:
    add_campaign_entry(page.service, page.caller, as_uuid(page.typed.text("campaign")), entry_id)


def _campaigns(page: Page) -> Choice:
    campaigns = list_campaigns(page.service, page.caller, CampaignFilter(state="open")).campaigns
    options = [(row.campaign_id, row.title or page.words.text(N_("Without a title"))) for row in campaigns]
    return Choice(
        "campaign", N_("Campaign"), options, N_("Your organization has no open campaign. Start one first.")
    )


ADD: Final = Action(
    "takedown",
    N_("Add to a takedown campaign"),
    "addCampaignEntry",
    N_("Notices of the campaign can then name them."),
    N_("It is in the campaign."),
    _add,
    _campaigns,
)
