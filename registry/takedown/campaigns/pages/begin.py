"""Pages that create a campaign, and change its mandate, signatory and language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from starlette.responses import Response

from registry.catalogue.entries.pages.picker import offered
from registry.catalogue.entries.schemas.registration import Entry, EntrySummary
from registry.catalogue.entries.service.entries import list_entries, show_entry
from registry.console.languages import aware
from registry.console.view import Page, Shown, as_uuid
from registry.core.errors import NotFound
from registry.takedown.campaigns.errors import MandateExpired, NoEntry
from registry.takedown.campaigns.model import CampaignFilter, Signatory
from registry.takedown.campaigns.pages.campaigns import regimes_of
from registry.takedown.campaigns.pages.fields import signatory
from registry.takedown.campaigns.pages.frame import area
from registry.takedown.campaigns.schemas import CampaignSummary, SignatoryShown
from registry.takedown.campaigns.service.campaigns import (
    CampaignChange,
    NewCampaign,
    change_campaign,
    create_campaign,
    list_campaigns,
    show_campaign,
)
from registry.takedown.clients.pages import usable
from registry.takedown.clients.schemas import ClientShown
from registry.takedown.clients.service import list_usable_mandates, show_client
from registry.takedown.errors import UnknownRegime, WrongEntry
from registry.takedown.regimes.model.regime import LANGUAGES
from registry.takedown.regimes.schemas import RegimeShown
from registry.takedown.regimes.service import list_regimes

RECENT: Final = 20
"""Maximum number of entries offered at once. Others are searched for."""


@area.page("/takedown/clients/{client_id}/campaign", operation="createCampaign")
def beginning(page: Page) -> Shown:
    """Show the form for a new campaign of a client."""
    client = show_client(page.service, page.caller, page.uuid("client_id"))
    mandates = [
        Choice(mandate.mandate_id, None, mandate.granted_by, aware(mandate.valid_until))
        for mandate in usable(client)
    ]
    return _form(page, mandates, client=client)


@area.page("/takedown/begin", operation="createCampaign")
def beginning_for(page: Page) -> Shown:
    """Show the form for a new campaign about an entry (`?entry=ID`): the reader chooses client and mandate.

    Open campaigns are offered as well, to add the entry to one of them.
    """
    mandates = [
        Choice(str(row.mandate_id), row.client.name, row.granted_by, row.valid_until)
        for row in list_usable_mandates(page.service, page.caller)
    ]
    return _form(page, mandates, client=None)


@dataclass(frozen=True, slots=True)
class Choice:
    """A mandate to choose. `client`: None on a client's own page."""

    mandate_id: str
    client: str | None
    granted_by: str
    valid_until: datetime


def _form(page: Page, mandates: Sequence[Choice], client: ClientShown | None) -> Shown:
    regimes = list_regimes(page.service, page.caller, page.words.language).regimes
    about = _about(page)
    but = [about.entry_id] if about else []
    entries: list[EntrySummary] = []
    if page.may("listEntries"):
        recent = list_entries(page.service, page.caller, limit=RECENT).entries
        entries = [entry for entry in recent if entry.entry_id not in but and entry.status != "withdrawn"]
    campaigns: list[CampaignSummary] = []
    if client is None and about and page.may("listCampaigns"):
        found = list_campaigns(page.service, page.caller, CampaignFilter("open"), limit=RECENT)
        campaigns = found.campaigns
    return page.show(
        "takedown/campaigns/begin.html",
        client=client,
        about=about,
        campaigns=campaigns,
        mandates=mandates,
        entries=entries,
        but=[*but, *(entry.entry_id for entry in entries)],
        **offered(page, "entry", but=[*but, *(entry.entry_id for entry in entries)]),
        regimes=regimes,
        capacities=_capacities(regimes),
        spoken=LANGUAGES,
    )


def _about(page: Page) -> Entry | None:
    """Return the entry that the address names. Raises `NotFound` (`unknown_entry`)."""
    named = page.query("entry")
    return show_entry(page.service, page.caller, as_uuid(named)) if named else None


def _capacities(regimes: Sequence[RegimeShown]) -> list[str]:
    return list(dict.fromkeys(code for regime in regimes for code in regime.may_sign))


@area.form("/takedown/clients/{client_id}/campaign", operation="createCampaign", again=beginning)
def begin(page: Page) -> Shown | Response:
    """Create a campaign of a client."""
    if page.typed.given("find"):
        return beginning(page)
    return _begin(page, page.uuid("client_id"))


@area.form("/takedown/begin", operation="createCampaign", again=beginning_for)
def begin_for(page: Page) -> Shown | Response:
    """Create a campaign of the client of the chosen mandate."""
    if page.typed.given("find"):
        return beginning_for(page)
    mandate_id = as_uuid(page.typed.text("mandate"))
    for mandate in list_usable_mandates(page.service, page.caller):
        if mandate.mandate_id == mandate_id:
            return _begin(page, mandate.client_id)
    raise MandateExpired("Choose a mandate that is valid.")


def _begin(page: Page, client_id: UUID) -> Response:
    typed = page.typed
    new = NewCampaign(
        title=typed.text("title"),
        client_id=client_id,
        mandate_id=as_uuid(typed.text("mandate")),
        entry_ids=_entries(page),
        regimes=[regime for regime in (typed.text("regime"), *typed.all("also")) if regime],
        language=typed.text("language"),
        signatory=signatory(page),
    )
    if not new.regimes:
        raise UnknownRegime("Choose at least one regime.")
    try:
        campaign = create_campaign(page.service, page.caller, new)
    except NotFound as error:
        if error.code != "unknown_entry":
            raise
        raise WrongEntry(error.message) from error
    return page.go(f"/takedown/{campaign.campaign_id}/add", "campaign_begun")


def _entries(page: Page) -> list[UUID]:
    """Return the ticked entries. Raises `BadInput` (`no_entry`, `unknown_entry`)."""
    try:
        ids = [UUID(text) for text in page.typed.all("entry")]
    except ValueError:
        raise WrongEntry("What is chosen is not an entry.") from None
    if not ids:
        raise NoEntry("A campaign needs an entry.")
    return ids


@area.page("/takedown/{campaign_id}/change", operation="changeCampaign")
def changing(page: Page) -> Shown:
    """Show the form for changes of title, mandate, language and signatory."""
    campaign = show_campaign(page.service, page.caller, page.uuid("campaign_id"))
    client = show_client(page.service, page.caller, as_uuid(campaign.client_id))
    return page.show(
        "takedown/campaigns/change.html",
        campaign=campaign,
        mandates=usable(client),
        capacities=_capacities(regimes_of(page, campaign)),
        spoken=LANGUAGES,
    )


@area.form("/takedown/{campaign_id}/change", operation="changeCampaign", again=changing)
def change(page: Page) -> Response:
    """Apply only real changes, so that ready notices do not become drafts without need."""
    campaign_id, typed = page.uuid("campaign_id"), page.typed
    campaign = show_campaign(page.service, page.caller, campaign_id)
    change_ = CampaignChange(
        title=_changed(typed.text("title"), campaign.title),
        mandate_id=as_uuid(mandate)
        if (mandate := _changed(typed.text("mandate"), campaign.mandate_id))
        else None,
        language=_changed(typed.text("language"), campaign.language),
        signatory=_signatory(page, campaign.signatory),
    )
    if change_ != CampaignChange():
        change_campaign(page.service, page.caller, campaign_id, change_)
    return page.go(f"/takedown/{campaign_id}", "campaign_changed")


def _changed(typed: str, old: str | None) -> str | None:
    return typed if typed and typed != old else None


def _signatory(page: Page, old: SignatoryShown | None) -> Signatory | None:
    """Return the signatory if it changed, else None. A separate signature stays."""
    new = signatory(page)
    if new is None:
        return None
    new = replace(new, signature=old.signature if old else None)
    return new if old is None or new.checked() != Signatory(**old.model_dump()) else None
