"""Create, change, close, show and list campaigns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
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
from registry.takedown.campaigns import model as campaigns_campaign
from registry.takedown.campaigns import store as campaigns
from registry.takedown.campaigns.errors import MayNotSign
from registry.takedown.campaigns.model import MOST_NOTICES, Signatory
from registry.takedown.campaigns.service import takedown
from registry.takedown.clients.service import mandate
from registry.takedown.delivery import store as notice_deliveries
from registry.takedown.errors import NoWording, UnknownMandate
from registry.takedown.notices.store import notices
from registry.takedown.recurrences import store as recurrences
from registry.takedown.replies.store import notice_statements


def show_campaign(service: Service, caller: Caller, campaign_id: UUID) -> dict[str, Any]:
    """Return a campaign of the caller's organization. Needs `takedown`. Raises `NotFound`
    (`unknown_campaign`)."""
    caller.require("takedown")
    with service.pool.transaction() as connection:
        row = takedown.find_campaign(connection, caller, campaign_id)
        entries = campaigns.entries(connection, caller.organization_id, campaign_id)
        counts = campaigns.counts(connection, campaign_id)
        platforms = campaigns.platforms(connection, campaign_id)
        statements = notice_statements.counts(connection, campaign_id)
        proposed = recurrences.proposed(connection, campaign_id)
        retractions = notice_deliveries.retractions_due(connection, campaign_id, limit=MOST_NOTICES)
    key = client_keys(service).find(row["client_id"])
    client = takedown.open_sealed(key, row["client_sealed"], takedown.CLIENT) or {}
    said = takedown.open_sealed(key, row["sealed"], takedown.CAMPAIGN) or {}
    return campaign(key, row) | {
        "client": {"name": client.get("name"), "depicted_name": client.get("depicted_name")},
        "mandate": mandate(row),
        "signatory": takedown.open_sealed(key, row["signatory_sealed"], takedown.SIGNATORY),
        "elements": said.get("elements", {}),
        "entries": [{**entry, "entry_id": str(entry["entry_id"])} for entry in entries],
        "notices": counts,
        "platforms": platforms,
        "statements": statements,
        "recurrences_proposed": proposed,
        "retractions_due": len(retractions),
    }


def campaign(key: Key | None, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a campaign as a list shows it. `key`: the client's key."""
    said = takedown.open_sealed(key, row["sealed"], takedown.CAMPAIGN) or {}
    return {
        "campaign_id": str(row["campaign_id"]),
        "title": said.get("title"),
        "client_id": str(row["client_id"]),
        "mandate_id": str(row["mandate_id"]),
        "mandate_holds": row["holds"],
        "regimes": row["regimes"],
        "language": row["language"],
        "state": row["state"],
        "created_at": row["created_at"].isoformat(),
        "closed_at": row["closed_at"].isoformat() if row["closed_at"] else None,
    }


def list_campaigns(
    service: Service,
    caller: Caller,
    *,
    state: Literal["open", "closed"] | None = None,
    entry_id: UUID | None = None,
    limit: int = 50,
    after: str | None = None,
) -> dict[str, Any]:
    """List campaigns of the caller's organization, newest first. Needs `takedown`.

    `entry_id`: only campaigns with this entry. Raises `BadInput` (`bad_cursor`).
    """
    caller.require("takedown")
    with service.pool.transaction() as connection:
        rows = campaigns.page(
            connection,
            caller.organization_id,
            state=state,
            entry_id=entry_id,
            after=cursor.place(after) if after else None,
            limit=limit + 1,
        )
    more, rows = len(rows) > limit, rows[:limit]
    ends = cursor.encode(rows[-1]["created_at"].isoformat(), rows[-1]["campaign_id"]) if more else None
    keys = client_keys(service)
    shown = [campaign(keys.find(row["client_id"]), row) | {"notices": row["notices"]} for row in rows]
    return {"campaigns": shown, "next": ends}


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


def create_campaign(service: Service, caller: Caller, new: NewCampaign) -> dict[str, Any]:
    """Create a campaign without notices. Needs `takedown`.

    Entries may have any tier; the tier is checked when a notice is sent.

    Raises `NotFound` (`unknown_client`, `unknown_mandate`, `unknown_entry`), `Conflict` (`client_erased`),
    `BadInput` (`unknown_regime`, `bad_label`, `bad_email`, `bad_element`, `may_not_sign`, `no_wording`).
    """
    caller.require("takedown")
    title = label(new.title, "title")
    chosen = list(dict.fromkeys(new.regimes))
    said = {"title": title, "elements": campaigns_campaign.elements(new.elements)}
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
    """Return the signatory as stored.

    Raises `BadInput` (`may_not_sign`) if a chosen regime does not accept that capacity.
    """
    record = signatory.record()
    for item in chosen:
        regime = takedown.regime_of(service, item)
        if not regime.may_sign(record["capacity"]):
            raise MayNotSign(
                f"{record['capacity']!r} does not sign under {item}.",
                next_step=f"Choose among {', '.join(regime.signatories)}.",
            )
    return record


def require_wording(service: Service, language: str, chosen: Sequence[str]) -> None:
    """Raise `BadInput` if no chosen regime has a wording in the language (`no_wording`), or for an
    `unknown_regime`."""
    known = {spoken for item in chosen for spoken in takedown.regime_of(service, item).wordings}
    if language not in known:
        raise NoWording(
            f"{', '.join(chosen)}: there is no wording in {language!r}.",
            next_step=f"Choose among {', '.join(sorted(known))}.",
        )


def require_mandate(connection: Connection, client_id: UUID, mandate_id: UUID) -> None:
    """Raise `NotFound` (`unknown_mandate`) if the client has no such mandate."""
    if mandate_id not in {item["mandate_id"] for item in campaigns.mandates(connection, client_id)}:
        raise UnknownMandate(f"The client has no mandate {mandate_id}.")


@dataclass(frozen=True, slots=True, repr=False)
class CampaignChange:
    """A change of a campaign. None keeps a value. `elements` replaces all elements."""

    title: str | None = None
    mandate_id: UUID | None = None
    language: str | None = None
    signatory: Signatory | None = None
    elements: Mapping[str, Any] | None = None


def change_campaign(
    service: Service, caller: Caller, campaign_id: UUID, wanted: CampaignChange
) -> dict[str, Any]:
    """Change a campaign and return it. Needs `takedown`.

    Ready notices become drafts again if the content of the notices changes.

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
        said["elements"] = campaigns_campaign.elements(wanted.elements)
    return takedown.seal(key, said, takedown.CAMPAIGN)[0]


def _revise(connection: Connection, caller: Caller, campaign_id: UUID) -> None:
    ready = notices.chosen(connection, campaign_id, states=["ready"])
    rows = notices.lock(connection, caller.organization_id, ready)
    takedown.editable(connection, caller, [row for row in rows if row["state"] == "ready"])


def add_campaign_entry(service: Service, caller: Caller, campaign_id: UUID, entry_id: UUID) -> dict[str, Any]:
    """Add an entry to a campaign and return the campaign. Idempotent. Needs `takedown`.

    Raises `NotFound` (`unknown_campaign`, `unknown_entry`), `Conflict` (`campaign_closed`).
    """
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
    """Close a campaign and return it. Idempotent. Needs `takedown`.

    No further notice is sent; sent notices continue. Raises `NotFound` (`unknown_campaign`).
    """
    caller.require("takedown")
    with service.pool.transaction() as connection:
        takedown.find_campaign(connection, caller, campaign_id, lock=True)
        if campaigns.close(connection, campaign_id, caller.caller_id):
            record_event(connection, caller, "campaign.closed", subject={"campaign_id": campaign_id})
    return show_campaign(service, caller, campaign_id)
