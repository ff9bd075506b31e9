"""Beginning a campaign, and changing by which leave, in whose name and in which language it goes on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

from starlette.responses import Response

from registry.catalogue.entries.schemas.registration import EntrySummary
from registry.catalogue.entries.service.entries import list_entries
from registry.console.view import Page, Shown, as_uuid
from registry.core.errors import NotFound
from registry.takedown.campaigns.errors import NoEntry
from registry.takedown.campaigns.model import Signatory
from registry.takedown.campaigns.pages.campaigns import regimes_of
from registry.takedown.campaigns.pages.fields import signatory
from registry.takedown.campaigns.pages.frame import area
from registry.takedown.campaigns.schemas import SignatoryShown
from registry.takedown.campaigns.service.campaigns import (
    CampaignChange,
    NewCampaign,
    change_campaign,
    create_campaign,
    show_campaign,
)
from registry.takedown.clients.pages import usable
from registry.takedown.clients.service import show_client
from registry.takedown.errors import UnknownRegime, WrongEntry
from registry.takedown.regimes.model.regime import LANGUAGES
from registry.takedown.regimes.schemas import RegimeShown
from registry.takedown.regimes.service import list_regimes

RECENT: Final = 20
"""Entries that are offered by their titles; others are given by address."""


@area.page("/takedown/clients/{client_id}/campaign", operation="createCampaign")
def beginning(page: Page) -> Shown:
    """The form of a new campaign of a client."""
    found = show_client(page.service, page.caller, page.uuid("client_id"))
    regimes = list_regimes(page.service, page.caller, page.words.language).regimes
    entries: list[EntrySummary] = []
    if page.may("listEntries"):
        entries = list_entries(page.service, page.caller, limit=RECENT).entries
    return page.show(
        "takedown/campaigns/begin.html",
        client=found,
        mandates=usable(found),
        entries=[entry for entry in entries if entry.status != "withdrawn"],
        regimes=regimes,
        capacities=_capacities(regimes),
        spoken=LANGUAGES,
    )


def _capacities(regimes: Sequence[RegimeShown]) -> list[str]:
    return list(dict.fromkeys(code for regime in regimes for code in regime.may_sign))


@area.form("/takedown/clients/{client_id}/campaign", operation="createCampaign", again=beginning)
def begin(page: Page) -> Response:
    """Begin it."""
    typed = page.typed
    new = NewCampaign(
        title=typed.text("title"),
        client_id=page.uuid("client_id"),
        mandate_id=as_uuid(typed.text("mandate")),
        entry_ids=_entries(page),
        regimes=[item for item in (typed.text("regime"), *typed.all("also")) if item],
        language=typed.text("language"),
        signatory=signatory(page),
    )
    if not new.regimes:
        raise UnknownRegime("Choose at least one regime.")
    try:
        made = create_campaign(page.service, page.caller, new)
    except NotFound as error:
        if error.code != "unknown_entry":
            raise
        raise WrongEntry(error.message) from error
    return page.go(f"/takedown/{made.campaign_id}", "campaign_begun")


def _entries(page: Page) -> list[UUID]:
    """What was ticked, and what was given by id or by the address of a page. Raises `BadInput` (`no_entry`,
    `unknown_entry`)."""
    given = page.typed.all("entry") + re.split(r"[\s,;]+", page.typed.text("entries"))
    found = []
    for item in filter(None, given):
        try:
            found.append(UUID(item.rstrip("/").rpartition("/")[2]))
        except ValueError:
            raise WrongEntry(f"{item[:100]!r} is no entry.") from None
    if not found:
        raise NoEntry("A campaign is about an entry.")
    return found


@area.page("/takedown/{campaign_id}/change", operation="changeCampaign")
def changing(page: Page) -> Shown:
    """Its title, mandate, language and signatory, to be changed."""
    found = show_campaign(page.service, page.caller, page.uuid("campaign_id"))
    client = show_client(page.service, page.caller, as_uuid(found.client_id))
    return page.show(
        "takedown/campaigns/change.html",
        campaign=found,
        mandates=usable(client),
        capacities=_capacities(regimes_of(page, found)),
        spoken=LANGUAGES,
    )


@area.form("/takedown/{campaign_id}/change", operation="changeCampaign", again=changing)
def change(page: Page) -> Response:
    """Change what was changed: what stays the same makes no draft of what is ready."""
    campaign_id, typed = page.uuid("campaign_id"), page.typed
    found = show_campaign(page.service, page.caller, campaign_id)
    wanted = CampaignChange(
        title=_other(typed.text("title"), found.title),
        mandate_id=as_uuid(mandate) if (mandate := _other(typed.text("mandate"), found.mandate_id)) else None,
        language=_other(typed.text("language"), found.language),
        signatory=_signs(page, found.signatory),
    )
    if wanted != CampaignChange():
        change_campaign(page.service, page.caller, campaign_id, wanted)
    return page.go(f"/takedown/{campaign_id}", "campaign_changed")


def _other(typed: str, before: str | None) -> str | None:
    return typed if typed and typed != before else None


def _signs(page: Page, before: SignatoryShown | None) -> Signatory | None:
    """Who signs now, where that is somebody else, or is said otherwise; a signature of its own stays."""
    signs = signatory(page)
    if signs is None:
        return None
    signs = replace(signs, signature=before.signature if before else None)
    return signs if before is None or signs.checked() != Signatory(**before.model_dump()) else None
