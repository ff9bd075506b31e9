"""Begin a campaign."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from registry.catalogue.entries.service.find_entry import find_entry
from registry.core.audit.service.record_event import record_event
from registry.core.database.pool import Connection
from registry.core.errors import BadInput, NotFound
from registry.core.labels import label
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.takedown.campaigns import model as campaign
from registry.takedown.campaigns import store as campaigns
from registry.takedown.campaigns.model import Signatory
from registry.takedown.campaigns.service import takedown
from registry.takedown.campaigns.service.show_campaign import show_campaign


@dataclass(frozen=True, slots=True, repr=False)
class NewCampaign:
    """`regimes`: in the order in which they are preferred. `elements`: what all its notices say, by the
    ids of their regimes' elements. `language`: where a platform names none."""

    title: str
    client_id: UUID
    mandate_id: UUID
    entry_ids: Sequence[UUID]
    regimes: Sequence[str]
    language: str = "en"
    signatory: Signatory | None = None
    elements: Mapping[str, Any] = field(default_factory=dict)


def create_campaign(service: Service, caller: Caller, new: NewCampaign) -> dict[str, Any]:
    """The campaign, without notices. Its entries may be of any tier: they are looked at when something is
    sent. Needs `takedown`.

    Raises `NotFound` (`unknown_client`, `unknown_mandate`, `unknown_entry`), `Conflict` (`client_erased`),
    `BadInput` (`unknown_regime`, `bad_label`, `bad_email`, `bad_element`, `may_not_sign`, `no_wording`).
    """
    caller.require("takedown")
    title = label(new.title, "title")
    chosen = list(dict.fromkeys(new.regimes))
    said = {"title": title, "elements": campaign.elements(new.elements)}
    signatory = checked_signatory(service, new.signatory, chosen) if new.signatory else None
    require_wording(service, new.language, chosen)
    campaign_id = uuid4()
    with service.pool.transaction() as connection:
        takedown.find_client(connection, caller, new.client_id, lock=True)
        key = takedown.key_of(service, new.client_id)
        require_mandate(connection, new.client_id, new.mandate_id)
        sealed, bound = takedown.seal(key, said, takedown.CAMPAIGN)
        campaigns.add(
            connection,
            campaign_id=campaign_id,
            organization_id=caller.organization_id,
            client_id=new.client_id,
            mandate_id=new.mandate_id,
            regimes=chosen,
            language=new.language,
            sealed=sealed,
            signatory_sealed=takedown.seal(key, signatory, takedown.SIGNATORY)[0] if signatory else None,
            caller_id=caller.caller_id,
        )
        for entry_id in dict.fromkeys(new.entry_ids):
            find_entry(connection, caller, entry_id)
            campaigns.add_entry(connection, campaign_id, entry_id, caller.caller_id)
        record_event(
            connection,
            caller,
            "campaign.created",
            subject={"campaign_id": campaign_id, "client_id": new.client_id, "mandate_id": new.mandate_id},
            said={"regimes": chosen, "entries": list(new.entry_ids), "record": bound.digest},
        )
    return show_campaign(service, caller, campaign_id)


def checked_signatory(service: Service, signatory: Signatory, chosen: Sequence[str]) -> dict[str, Any]:
    """Who signs, as it is kept. Raises `BadInput` (`may_not_sign`) where one of the regimes does not let
    someone of that capacity sign."""
    record = signatory.record()
    for one in chosen:
        regime = takedown.regime_of(service, one)
        if not regime.may_sign(record["capacity"]):
            raise BadInput(
                f"{record['capacity']!r} does not sign under {one}.",
                code="may_not_sign",
                next_step=f"Choose among {', '.join(regime.signatories)}.",
            )
    return record


def require_wording(service: Service, language: str, chosen: Sequence[str]) -> None:
    """Raise `BadInput` (`unknown_regime`; `no_wording` where none of the regimes is worded in it)."""
    known = {spoken for one in chosen for spoken in takedown.regime_of(service, one).wordings}
    if language not in known:
        raise BadInput(
            f"{', '.join(chosen)}: there is no wording in {language!r}.",
            code="no_wording",
            next_step=f"Choose among {', '.join(sorted(known))}.",
        )


def require_mandate(connection: Connection, client_id: UUID, mandate_id: UUID) -> None:
    """Raise `NotFound` (`unknown_mandate`) where the client has no such mandate."""
    if mandate_id not in {one["mandate_id"] for one in campaigns.mandates(connection, client_id)}:
        raise NotFound(f"The client has no mandate {mandate_id}.", code="unknown_mandate")
