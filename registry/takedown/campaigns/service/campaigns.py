"""Create, change, close, show and list campaigns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final
from uuid import UUID, uuid4

from registry.catalogue.entries.service.visibility import find_entry
from registry.core import cursor
from registry.core.audit.service import record_event
from registry.core.crypto.keys import Key
from registry.core.database.pool import Connection
from registry.core.labels import label
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.organizations.service.operator import client_keys
from registry.takedown.campaigns import store as campaign_store
from registry.takedown.campaigns.errors import MayNotSign
from registry.takedown.campaigns.model import MOST_NOTICES, CampaignFilter, CampaignTexts, Signatory
from registry.takedown.campaigns.model import elements as checked_elements
from registry.takedown.campaigns.schemas import (
    CampaignClient,
    CampaignPage,
    CampaignShown,
    CampaignSummary,
    SignatoryShown,
)
from registry.takedown.campaigns.service import access, texts
from registry.takedown.campaigns.store import FullCampaign
from registry.takedown.clients.schemas import MandateShown
from registry.takedown.delivery import store as delivery_store
from registry.takedown.errors import NoWording
from registry.takedown.notices.store import notices
from registry.takedown.recurrences import store as recurrence_store
from registry.takedown.replies.store import notice_statements

EVERY_CAMPAIGN: Final = CampaignFilter()


def show_campaign(service: Service, caller: Caller, campaign_id: UUID) -> CampaignShown:
    """Return a campaign of the caller's organization. Needs `takedown`. Raises `NotFound`
    (`unknown_campaign`)."""
    caller.require("takedown")
    with service.pool.transaction() as connection:
        row = access.find_campaign(connection, caller, campaign_id)
        entries = campaign_store.entries(connection, caller.organization_id, campaign_id)
        counts = campaign_store.counts(connection, campaign_id)
        platforms = campaign_store.platforms(connection, campaign_id)
        statements = notice_statements.counts(connection, campaign_id)
        proposed = recurrence_store.count_proposed(connection, campaign_id)
        retractions = delivery_store.retractions_due(connection, campaign_id, limit=MOST_NOTICES)
    common = access.shared(client_keys(service).find(row.client_id), row)
    return CampaignShown.from_row(
        row,
        title=common.campaign.title,
        mandate_holds=row.holds,
        client=CampaignClient.from_row(common.client or {"name": None, "depicted_name": None}),
        mandate=MandateShown.from_row(row),
        signatory=SignatoryShown.from_row(common.signatory) if common.signatory else None,
        elements=common.campaign.elements,
        entries=entries,
        notices=counts,
        platforms=platforms,
        statements=statements,
        recurrences_proposed=proposed,
        retractions_due=len(retractions),
    )


def list_campaigns(
    service: Service,
    caller: Caller,
    filter_: CampaignFilter = EVERY_CAMPAIGN,
    *,
    limit: int = 50,
    after: str | None = None,
) -> CampaignPage:
    """List campaigns of the caller's organization, newest first. Needs `takedown`. Raises `BadInput`
    (`bad_cursor`)."""
    caller.require("takedown")
    with service.pool.transaction() as connection:
        rows = campaign_store.page(
            connection,
            caller.organization_id,
            filter_,
            after=cursor.place(after) if after else None,
            limit=limit + 1,
        )
    more, rows = len(rows) > limit, rows[:limit]
    ends = cursor.encode(rows[-1].created_at.isoformat(), rows[-1].campaign_id) if more else None
    keys = client_keys(service)
    shown = []
    for row in rows:
        campaign = texts.CAMPAIGN.decrypt(keys.find(row.client_id), row.sealed)
        title = campaign.title if campaign else None
        shown.append(CampaignSummary.from_row(row, title=title, mandate_holds=row.holds))
    return CampaignPage(campaigns=shown, next=ends)


@dataclass(frozen=True, slots=True, repr=False)
class NewCampaign:
    """A campaign to be created.

    `regimes`: in order of preference. `elements`: shared by all its notices, by the ids of the regimes'
    elements. `language`: used if the platform has none of its own.
    """

    title: str
    client_id: UUID
    mandate_id: UUID
    entry_ids: Sequence[UUID]
    regimes: Sequence[str]
    language: str = "en"
    signatory: Signatory | None = None
    elements: Mapping[str, Any] = field(default_factory=dict)


def create_campaign(service: Service, caller: Caller, new: NewCampaign) -> CampaignShown:
    """Create a campaign without notices. Needs `takedown`.

    Entries may have any tier; the tier is checked when a notice is sent.

    Raises `NotFound` (`unknown_client`, `unknown_mandate`, `unknown_entry`), `Conflict` (`client_erased`),
    `BadInput` (`unknown_regime`, `bad_label`, `bad_email`, `bad_element`, `may_not_sign`, `no_wording`).
    """
    caller.require("takedown")
    title = label(new.title, "title")
    chosen = list(dict.fromkeys(new.regimes))
    texts_ = CampaignTexts(title, checked_elements(new.elements))
    signatory = checked_signatory(service, new.signatory, chosen) if new.signatory else None
    require_wording(service, new.language, chosen)
    campaign_id = uuid4()
    with service.pool.transaction() as connection:
        access.find_client(connection, caller, new.client_id, lock=True)
        key = access.key_of(service, new.client_id)
        access.require_mandate(connection, new.client_id, new.mandate_id)
        sealed, bound = texts.CAMPAIGN.encrypt(key, texts_)
        campaign_store.add(
            connection,
            campaign_store.NewCampaign(
                campaign_id=campaign_id,
                organization_id=caller.organization_id,
                client_id=new.client_id,
                mandate_id=new.mandate_id,
                regimes=chosen,
                language=new.language,
                sealed=sealed,
                signatory_sealed=texts.SIGNATORY.encrypt(key, signatory)[0] if signatory else None,
                created_by=caller.caller_id,
            ),
        )
        for entry_id in dict.fromkeys(new.entry_ids):
            find_entry(connection, caller, entry_id)
            campaign_store.add_entry(connection, campaign_id, entry_id, caller.caller_id)
        record_event(
            connection,
            caller,
            "campaign.created",
            subject={"campaign_id": campaign_id, "client_id": new.client_id, "mandate_id": new.mandate_id},
            said={"regimes": chosen, "entries": list(new.entry_ids), "record": bound.digest},
        )
    return show_campaign(service, caller, campaign_id)


def checked_signatory(service: Service, signatory: Signatory, chosen: Sequence[str]) -> Signatory:
    """Return the signatory with its fields validated.

    Raises `BadInput` (`may_not_sign`) if a chosen regime does not accept that capacity.
    """
    checked = signatory.checked()
    for regime_id in chosen:
        regime = access.regime_of(service, regime_id)
        if not regime.may_sign(checked.capacity):
            raise MayNotSign(
                f"A {checked.capacity!r} cannot sign under {regime_id}.",
                next_step=f"Choose among {', '.join(regime.signatories)}.",
            )
    return checked


def require_wording(service: Service, language: str, chosen: Sequence[str]) -> None:
    """Raise `BadInput` if no chosen regime has a wording in the language (`no_wording`), or for an
    `unknown_regime`."""
    languages = {wording for regime_id in chosen for wording in access.regime_of(service, regime_id).wordings}
    if language not in languages:
        raise NoWording(
            f"{', '.join(chosen)}: there is no wording in {language!r}.",
            next_step=f"Choose among {', '.join(sorted(languages))}.",
        )


@dataclass(frozen=True, slots=True, repr=False)
class CampaignChange:
    """A change of a campaign. None keeps a value. `elements` replaces all elements."""

    title: str | None = None
    mandate_id: UUID | None = None
    language: str | None = None
    signatory: Signatory | None = None
    elements: Mapping[str, Any] | None = None


def change_campaign(
    service: Service, caller: Caller, campaign_id: UUID, change: CampaignChange
) -> CampaignShown:
    """Change a campaign and return it. Needs `takedown`.

    Ready notices become drafts again if the content of the notices changes.

    Raises `NotFound` (`unknown_campaign`, `unknown_mandate`), `Conflict` (`campaign_closed`,
    `client_erased`), `BadInput` (`bad_label`, `bad_email`, `bad_element`, `may_not_sign`, `no_wording`).
    """
    caller.require("takedown")
    with service.pool.transaction() as connection:
        row = access.find_campaign(connection, caller, campaign_id, lock=True, is_open=True)
        key = access.key_of(service, row.client_id)
        if change.mandate_id is not None:
            access.require_mandate(connection, row.client_id, change.mandate_id)
        if change.language is not None:
            require_wording(service, change.language, row.regimes)
        signatory = checked_signatory(service, change.signatory, row.regimes) if change.signatory else None
        values = campaign_store.CampaignChange(
            mandate_id=change.mandate_id,
            language=change.language,
            sealed=_texts(key, row, change),
            signatory_sealed=texts.SIGNATORY.encrypt(key, signatory)[0] if signatory else None,
        )
        campaign_store.change(connection, campaign_id, values)
        if change.language or signatory or change.elements is not None:
            _revise(connection, caller, campaign_id)
        record_event(
            connection,
            caller,
            "campaign.changed",
            subject={"campaign_id": campaign_id}
            | ({"mandate_id": change.mandate_id} if change.mandate_id else {}),
            said={"changed": [name for name in _NAMES if getattr(change, name) is not None]},
        )
    return show_campaign(service, caller, campaign_id)


_NAMES = ("title", "mandate_id", "language", "signatory", "elements")


def _texts(key: Key, row: FullCampaign, change: CampaignChange) -> bytes | None:
    """Return the campaign's changed texts, encrypted; None if they do not change."""
    if change.title is None and change.elements is None:
        return None
    campaign_texts = texts.CAMPAIGN.decrypt(key, row.sealed) or CampaignTexts()
    if change.title is not None:
        campaign_texts = replace(campaign_texts, title=label(change.title, "title"))
    if change.elements is not None:
        campaign_texts = replace(campaign_texts, elements=checked_elements(change.elements))
    return texts.CAMPAIGN.encrypt(key, campaign_texts)[0]


def _revise(connection: Connection, caller: Caller, campaign_id: UUID) -> None:
    ready = notices.chosen(connection, campaign_id, states=["ready"])
    rows = notices.lock(connection, caller.organization_id, ready)
    access.editable(connection, caller, [row for row in rows if row.state == "ready"])


def add_campaign_entry(service: Service, caller: Caller, campaign_id: UUID, entry_id: UUID) -> CampaignShown:
    """Add an entry to a campaign and return the campaign. Idempotent. Needs `takedown`.

    Raises `NotFound` (`unknown_campaign`, `unknown_entry`), `Conflict` (`campaign_closed`).
    """
    caller.require("takedown")
    with service.pool.transaction() as connection:
        access.find_campaign(connection, caller, campaign_id, lock=True, is_open=True)
        find_entry(connection, caller, entry_id)
        if campaign_store.add_entry(connection, campaign_id, entry_id, caller.caller_id):
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


def close_campaign(service: Service, caller: Caller, campaign_id: UUID) -> CampaignShown:
    """Close a campaign and return it. Idempotent. Needs `takedown`.

    No further notice is sent; sent notices continue. Raises `NotFound` (`unknown_campaign`).
    """
    caller.require("takedown")
    with service.pool.transaction() as connection:
        access.find_campaign(connection, caller, campaign_id, lock=True)
        if campaign_store.close(connection, campaign_id, caller.caller_id):
            record_event(connection, caller, "campaign.closed", subject={"campaign_id": campaign_id})
    return show_campaign(service, caller, campaign_id)
