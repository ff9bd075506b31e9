"""Shared by the services of takedown: keys, regimes, clients, campaigns, and the elements of a notice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from registry.core.crypto.keys import Key
from registry.core.database.pool import Connection
from registry.core.errors import WrongState
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.organizations.service.operator import client_keys
from registry.takedown.campaigns import store as campaign_store
from registry.takedown.campaigns.errors import CampaignClosed, UnknownCampaign, UnknownClient
from registry.takedown.campaigns.model import CampaignTexts, Client, Elements, Signatory, ground_sentence
from registry.takedown.campaigns.service import texts
from registry.takedown.campaigns.store import FullCampaign, StoredClient
from registry.takedown.errors import ClientErased, UnknownMandate, UnknownNotice, UnknownRegime
from registry.takedown.notices.model import notice
from registry.takedown.notices.model.texts import NoticeAddress
from registry.takedown.notices.store import notices
from registry.takedown.notices.store.notices import FullNotice, Move, StoredNotice
from registry.takedown.regimes import service as regimes
from registry.takedown.regimes.model.regime import Regime


def key_of(service: Service, client_id: UUID) -> Key:
    """Return the client's key. Raises `Conflict` (`client_erased`)."""
    if (key := client_keys(service).find(client_id)) is None:
        raise ClientErased
    return key


def all_regimes(service: Service) -> Mapping[str, Regime]:
    """Return the regimes of the deployment, by id. Raises `BadInput` (`bad_regime`)."""
    return regimes.of(service.settings.regimes)


def regime_of(service: Service, regime_id: str) -> Regime:
    """Return a regime. Raises `BadInput` (`unknown_regime`)."""
    if (regime := all_regimes(service).get(regime_id)) is None:
        raise UnknownRegime(
            f"There is no regime {regime_id[:40]!r}.",
            next_step=f"Choose among {', '.join(sorted(all_regimes(service)))}.",
        )
    return regime


def find_client(
    connection: Connection, caller: Caller, client_id: UUID, *, lock: bool = False
) -> StoredClient:
    """Return a client of the caller's organization. Raises `NotFound` (`unknown_client`)."""
    row = campaign_store.client(connection, caller.organization_id, client_id, lock=lock)
    if row is None:
        raise UnknownClient(f"There is no client {client_id} of your organization.")
    return row


def find_campaign(
    connection: Connection, caller: Caller, campaign_id: UUID, *, lock: bool = False, is_open: bool = False
) -> FullCampaign:
    """Return a campaign of the caller's organization. `is_open`: require an open campaign.

    Raises `NotFound` (`unknown_campaign`), `Conflict` (`campaign_closed`).
    """
    row = campaign_store.find(connection, caller.organization_id, campaign_id, lock=lock)
    if row is None:
        raise UnknownCampaign(f"There is no campaign {campaign_id} of your organization.")
    if is_open and row.state != "open":
        raise CampaignClosed
    return row


def require_mandate(connection: Connection, client_id: UUID, mandate_id: UUID) -> None:
    """Raise `NotFound` (`unknown_mandate`) if the client has no such mandate."""
    if mandate_id not in {mandate.mandate_id for mandate in campaign_store.mandates(connection, client_id)}:
        raise UnknownMandate(f"The client has no mandate {mandate_id}.")


def lock_notices(
    connection: Connection, caller: Caller, campaign_id: UUID, notice_ids: Sequence[UUID]
) -> list[StoredNotice]:
    """Lock notices of a campaign and their entries, and return the notices.

    Raises `NotFound` (`unknown_notice`) if a notice is not of this campaign.
    """
    rows = notices.lock(connection, caller.organization_id, notice_ids)
    rows = [row for row in rows if row.campaign_id == campaign_id]
    if missing := sorted(str(id_) for id_ in set(notice_ids) - {row.notice_id for row in rows}):
        raise UnknownNotice(
            f"There is no notice {missing[0]} in that campaign.",
            next_step="`fakeprint takedown check` lists them.",
        )
    return rows


def editable(connection: Connection, caller: Caller, rows: Sequence[StoredNotice]) -> None:
    """Prepare notices for a change of their content: ready notices become drafts again.

    Raises `Conflict` (`wrong_state`) if a notice was sent.
    """
    for row in rows:
        require_editable(row)
    ready = [row.notice_id for row in rows if row.state == "ready"]
    if ready:
        notices.move(connection, ready, Move("revise", "draft", "changed", caller_id=caller.caller_id))


def require_editable(row: StoredNotice) -> None:
    """Raise `Conflict` (`wrong_state`) if the letter of a notice is fixed."""
    if row.state not in notice.EDITABLE:
        stand = notice.stand_of(row.state)
        raise WrongState(
            f"The notice {row.notice_id} is {stand}: its letter cannot change any more.",
            extra={"state": stand},
        )


def still_hindered(connection: Connection, notice_id: UUID) -> list[str]:
    """Return the hindrances that stop the transmission of a sent notice.

    They are codes of `takedown.notices.model.notice.HINDRANCES`, without `not_ready`.
    """
    return [code for code in notices.hindrances(connection, notice_id) if code != "not_ready"]


@dataclass(frozen=True, slots=True, repr=False)
class SharedTexts:
    """The decrypted texts that all notices of a campaign share. None: erased, or no signatory yet."""

    client: Client | None
    campaign: CampaignTexts
    signatory: Signatory | None


def shared(key: Key | None, row: FullNotice | FullCampaign) -> SharedTexts:
    """Return the texts that all notices of a campaign share. `key`: the client's key."""
    sealed = row.campaign_sealed if isinstance(row, FullNotice) else row.sealed
    return SharedTexts(
        client=texts.CLIENT.decrypt(key, row.client_sealed),
        campaign=texts.CAMPAIGN.decrypt(key, sealed) or CampaignTexts(),
        signatory=texts.SIGNATORY.decrypt(key, row.signatory_sealed),
    )


def values_of(service: Service, row: FullNotice) -> Elements | None:
    """Return the elements of a notice by id, dated now; None if the client was erased.

    Recorded facts take precedence over the notice's own elements, and these over the campaign's.
    """
    key = client_keys(service).find(row.client_id)
    return None if key is None else values(key, row, shared(key, row), now=datetime.now(UTC))


def values(key: Key, row: FullNotice, common: SharedTexts, *, now: datetime) -> Elements:
    """Return the same as `values_of`, given the client's key, the result of `shared` and the date."""
    client, signatory = common.client, common.signatory
    address = texts.ADDRESS.decrypt(key, row.place_sealed) or NoticeAddress()
    facts: dict[str, str | bool | None] = {
        "reference": str(row.notice_id),
        "date": now.astimezone(UTC).date().isoformat(),
        "platform": address.platform_name or row.platform,
        "url": address.url,
        "content_id": address.content_id,
        "entry_reference": str(row.entry_id),
        "depicted_name": client.depicted_name if client else None,
    }
    if signatory is not None:
        facts |= {f"signatory_{name}": getattr(signatory, name) for name in ("name", "email", "address")}
        facts |= {"capacity": signatory.capacity, "signature": signatory.signature or signatory.name}
        facts["good_faith"] = signatory.good_faith or None
    if row.ground and row.confirmed_at:
        facts["ground"] = ground_sentence(row.language, row.ground, row.match, row.confirmed_at)
    own = texts.ELEMENTS.decrypt(key, row.elements_sealed) or {}
    on_record = {name: value for name, value in facts.items() if value is not None}
    return {**common.campaign.elements, **own, **on_record}
