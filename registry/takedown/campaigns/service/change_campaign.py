"""Change what a campaign says, add entries to it, or close it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from registry.catalogue.entries.service.find_entry import find_entry
from registry.core.audit.service.record_event import record_event
from registry.core.crypto.keys import Key
from registry.core.database.pool import Connection
from registry.core.labels import label
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.takedown.campaigns import model as campaign
from registry.takedown.campaigns import store as campaigns
from registry.takedown.campaigns.model import Signatory
from registry.takedown.campaigns.service import takedown
from registry.takedown.campaigns.service.create_campaign import (
    checked_signatory,
    require_mandate,
    require_wording,
)
from registry.takedown.campaigns.service.show_campaign import show_campaign
from registry.takedown.notices.store import notices


@dataclass(frozen=True, slots=True, repr=False)
class CampaignChange:
    """What is None stays as it is. `elements`: in place of all that were there."""

    title: str | None = None
    mandate_id: UUID | None = None
    language: str | None = None
    signatory: Signatory | None = None
    elements: Mapping[str, Any] | None = None


def change_campaign(
    service: Service, caller: Caller, campaign_id: UUID, wanted: CampaignChange
) -> dict[str, Any]:
    """The campaign. Where what its notices say changes, those that are ready become drafts again. Needs
    `takedown`.

    Raises `NotFound` (`unknown_campaign`, `unknown_mandate`), `Conflict` (`campaign_closed`,
    `client_erased`), `BadInput` (`bad_label`, `bad_email`, `bad_element`, `may_not_sign`, `no_wording`).
    """
    caller.require("takedown")
    with service.pool.transaction() as connection:
        row = takedown.find_campaign(connection, caller, campaign_id, lock=True, is_open=True)
        key = takedown.key_of(service, row["client_id"])
        if wanted.mandate_id is not None:
            require_mandate(connection, row["client_id"], wanted.mandate_id)
        if wanted.language is not None:
            require_wording(service, wanted.language, row["regimes"])
        signatory = checked_signatory(service, wanted.signatory, row["regimes"]) if wanted.signatory else None
        campaigns.change(
            connection,
            campaign_id,
            mandate_id=wanted.mandate_id,
            language=wanted.language,
            sealed=_said(key, row, wanted),
            signatory_sealed=takedown.seal(key, signatory, takedown.SIGNATORY)[0] if signatory else None,
        )
        if wanted.language or signatory or wanted.elements is not None:
            _revise(connection, caller, campaign_id)
        record_event(
            connection,
            caller,
            "campaign.changed",
            subject={"campaign_id": campaign_id}
            | ({"mandate_id": wanted.mandate_id} if wanted.mandate_id else {}),
            said={"changed": [name for name in _NAMES if getattr(wanted, name) is not None]},
        )
    return show_campaign(service, caller, campaign_id)


_NAMES = ("title", "mandate_id", "language", "signatory", "elements")


def _said(key: Key, row: Mapping[str, Any], wanted: CampaignChange) -> bytes | None:
    if wanted.title is None and wanted.elements is None:
        return None
    said = takedown.open_sealed(key, row["sealed"], takedown.CAMPAIGN) or {}
    if wanted.title is not None:
        said["title"] = label(wanted.title, "title")
    if wanted.elements is not None:
        said["elements"] = campaign.elements(wanted.elements)
    return takedown.seal(key, said, takedown.CAMPAIGN)[0]


def _revise(connection: Connection, caller: Caller, campaign_id: UUID) -> None:
    ready = notices.chosen(connection, campaign_id, states=["ready"])
    rows = notices.lock(connection, caller.organization_id, ready)
    takedown.editable(connection, caller, [row for row in rows if row["state"] == "ready"])


def add_campaign_entry(service: Service, caller: Caller, campaign_id: UUID, entry_id: UUID) -> dict[str, Any]:
    """The campaign, which is about one more entry. Twice, nothing more happens. Needs `takedown`. Raises
    `NotFound` (`unknown_campaign`, `unknown_entry`), `Conflict` (`campaign_closed`)."""
    caller.require("takedown")
    with service.pool.transaction() as connection:
        takedown.find_campaign(connection, caller, campaign_id, lock=True, is_open=True)
        find_entry(connection, caller, entry_id)
        if campaigns.add_entry(connection, campaign_id, entry_id, caller.caller_id):
            subject = {"campaign_id": campaign_id}
            record_event(
                connection,
                caller,
                "campaign.changed",
                entry_id=entry_id,
                subject=subject,
                said={"changed": ["entries"]},
            )
    return show_campaign(service, caller, campaign_id)


def close_campaign(service: Service, caller: Caller, campaign_id: UUID) -> dict[str, Any]:
    """The campaign, of which nothing is sent any more; what was sent goes on. Twice, nothing more happens.
    Needs `takedown`. Raises `NotFound` (`unknown_campaign`)."""
    caller.require("takedown")
    with service.pool.transaction() as connection:
        takedown.find_campaign(connection, caller, campaign_id, lock=True)
        if campaigns.close(connection, campaign_id, caller.caller_id):
            record_event(connection, caller, "campaign.closed", subject={"campaign_id": campaign_id})
    return show_campaign(service, caller, campaign_id)
