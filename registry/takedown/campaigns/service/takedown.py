"""Shared by the services of campaigns: encryption, look-ups of clients and campaigns, elements of a
notice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from registry.core.audit import service as statements
from registry.core.audit.model.ledger import Commitment
from registry.core.crypto.keys import Key
from registry.core.database.pool import Connection
from registry.core.errors import WrongState
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.organizations.service.operator import client_keys
from registry.takedown.campaigns import store as campaigns
from registry.takedown.campaigns.errors import CampaignClosed, UnknownCampaign, UnknownClient
from registry.takedown.campaigns.model import ground_said
from registry.takedown.errors import ClientErased, UnknownNotice, UnknownRegime
from registry.takedown.notices.model import notice
from registry.takedown.notices.store import notices
from registry.takedown.regimes import service as regimes
from registry.takedown.regimes.model.regime import Regime

CLIENT: Final = "client"
CAMPAIGN: Final = "campaign"
SIGNATORY: Final = "signatory"
PLACE: Final = "place"
ELEMENTS: Final = "elements"
WORDS: Final = "words"
"""Purposes of encrypted texts. A text does not decrypt under another purpose."""


def key_of(service: Service, client_id: UUID) -> Key:
    """Return the client's key. Raises `Conflict` (`client_erased`)."""
    if (key := client_keys(service).find(client_id)) is None:
        raise ClientErased
    return key


def seal(key: Key, value: Mapping[str, Any], purpose: str) -> tuple[bytes, Commitment]:
    """Encrypt a JSON object; return it with the commitment that the audit record holds instead."""
    return statements.pack(key, value, purpose)


def open_sealed(key: Key | None, sealed: bytes | None, purpose: str) -> dict[str, Any] | None:
    """Decrypt the output of `seal`. Returns None if it was erased or never existed.

    Raises `Unavailable` (`sealed_damaged`).
    """
    return statements.unpack(key, sealed, purpose)


def known(service: Service) -> Mapping[str, Regime]:
    """Return the regimes of the deployment, by id. Raises `BadInput` (`bad_regime`)."""
    return regimes.of(service.settings.regimes)


def regime_of(service: Service, regime_id: str) -> Regime:
    """Return a regime. Raises `BadInput` (`unknown_regime`)."""
    if (found := known(service).get(regime_id)) is None:
        raise UnknownRegime(
            f"There is no regime {regime_id[:40]!r}.",
            next_step=f"Choose among {', '.join(sorted(known(service)))}.",
        )
    return found


def find_client(
    connection: Connection, caller: Caller, client_id: UUID, *, lock: bool = False
) -> dict[str, Any]:
    """Return a client of the caller's organization. Raises `NotFound` (`unknown_client`)."""
    row = campaigns.client(connection, caller.organization_id, client_id, lock=lock)
    if row is None:
        raise UnknownClient(f"There is no client {client_id} of your organization.")
    return row


def find_campaign(
    connection: Connection, caller: Caller, campaign_id: UUID, *, lock: bool = False, is_open: bool = False
) -> dict[str, Any]:
    """Return a campaign of the caller's organization. `is_open`: require an open campaign.

    Raises `NotFound` (`unknown_campaign`), `Conflict` (`campaign_closed`).
    """
    row = campaigns.find(connection, caller.organization_id, campaign_id, lock=lock)
    if row is None:
        raise UnknownCampaign(f"There is no campaign {campaign_id} of your organization.")
    if is_open and row["state"] != "open":
        raise CampaignClosed
    return row


def lock_notices(
    connection: Connection, caller: Caller, campaign_id: UUID, notice_ids: Sequence[UUID]
) -> list[dict[str, Any]]:
    """Lock notices of a campaign and their entries, and return the notices.

    Raises `NotFound` (`unknown_notice`) if a notice is not of this campaign.
    """
    rows = notices.lock(connection, caller.organization_id, notice_ids)
    rows = [row for row in rows if row["campaign_id"] == campaign_id]
    if missing := sorted(str(id_) for id_ in set(notice_ids) - {row["notice_id"] for row in rows}):
        raise UnknownNotice(
            f"There is no notice {missing[0]} in that campaign.",
            next_step="`fakeprint takedown check` lists them.",
        )
    return rows


def editable(connection: Connection, caller: Caller, rows: Sequence[Mapping[str, Any]]) -> None:
    """Prepare notices for a change of their content: ready notices become drafts again.

    Raises `Conflict` (`wrong_state`) if a notice was sent.
    """
    for row in rows:
        require_editable(row)
    ready = [row["notice_id"] for row in rows if row["state"] == "ready"]
    if ready:
        notices.move(connection, ready, "revise", "draft", "changed", caller_id=caller.caller_id)


def require_editable(row: Mapping[str, Any]) -> None:
    """Raise `Conflict` (`wrong_state`) if the letter of a notice is fixed."""
    if row["state"] not in notice.EDITABLE:
        stand = notice.stand_of(row["state"])
        raise WrongState(
            f"The notice {row['notice_id']} is {stand}: its letter does not change any more.",
            extra={"state": stand},
        )


def still_hindered(connection: Connection, notice_id: UUID) -> list[str]:
    """Return the hindrances that stop the transmission of a sent notice.

    They are codes of `takedown.notices.model.notice.HINDRANCES`, without `not_ready`.
    """
    return [code for code in notices.hindrances(connection, notice_id) if code != "not_ready"]


def values_of(
    service: Service, row: Mapping[str, Any], *, now: datetime | None = None
) -> dict[str, Any] | None:
    """Return the elements of a notice by id, from a row of `notices.full`; None if the client was erased.

    Recorded facts take precedence over the notice's own elements, and these over the campaign's.
    """
    key = client_keys(service).find(row["client_id"])
    return None if key is None else values(key, row, shared(key, row), now=now)


def shared(key: Key, row: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the decrypted data that all notices of a campaign share: client, campaign, signatory."""
    return {
        name: open_sealed(key, row[f"{name}_sealed"], name) or {} for name in (CLIENT, CAMPAIGN, SIGNATORY)
    }


def values(
    key: Key,
    row: Mapping[str, Any],
    common: Mapping[str, Mapping[str, Any]],
    *,
    now: datetime | None = None,
) -> dict[str, Any]:
    """Return the same as `values_of`, given the client's key and the result of `shared`."""
    client, signatory = common[CLIENT], common[SIGNATORY]
    place = open_sealed(key, row["place_sealed"], PLACE) or {}
    own = open_sealed(key, row["elements_sealed"], ELEMENTS) or {}
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    said: dict[str, Any] = {
        "reference": str(row["notice_id"]),
        "date": moment.date().isoformat(),
        "platform": place.get("platform_name") or row["platform"],
        "url": place.get("url"),
        "content_id": place.get("content_id"),
        "entry_reference": str(row["entry_id"]),
        "depicted_name": client.get("depicted_name"),
        "signatory_name": signatory.get("name"),
        "signatory_email": signatory.get("email"),
        "signatory_address": signatory.get("address"),
        "capacity": signatory.get("capacity"),
        "signature": signatory.get("signature") or signatory.get("name"),
    }
    if row["ground"]:
        said["ground"] = ground_said(row["language"], row["ground"], row["match"], row["confirmed_at"])
    if signatory.get("good_faith"):
        said["good_faith"] = True
    on_record = {name: value for name, value in said.items() if value is not None}
    return {**common[CAMPAIGN].get("elements", {}), **own, **on_record}
