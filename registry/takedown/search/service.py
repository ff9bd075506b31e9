"""Search campaigns and clients by their names, notices by their addresses and references."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from registry.catalogue import platforms
from registry.core.database.pool import Connection
from registry.core.folding import holds
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.organizations.service.operator import client_keys
from registry.takedown.campaigns.model import CampaignTexts
from registry.takedown.campaigns.service import texts
from registry.takedown.notices.model.notice import Stand
from registry.takedown.notices.model.texts import NoticeAddress
from registry.takedown.notices.store import notices
from registry.takedown.notices.store.notices import FullNotice
from registry.takedown.replies.model import reply
from registry.takedown.replies.store import notice_replies
from registry.takedown.search import store

SHOWN: Final = 8
"""Results of each kind that one search returns."""
MOST_READ: Final = 500
"""Campaigns, and clients, whose encrypted texts are read for one search. These are the newest."""


@dataclass(frozen=True, slots=True, repr=False)
class FoundCampaign:
    """A campaign with its title."""

    campaign_id: UUID
    title: str
    state: str


@dataclass(frozen=True, slots=True, repr=False)
class FoundClient:
    """A client. `name`: of the client; `depicted`: of the person that the fakes show, if it is another."""

    client_id: UUID
    name: str
    depicted: str | None


@dataclass(frozen=True, slots=True, repr=False)
class FoundNotice:
    """A notice with its place. `campaign`: its title, None if erased."""

    notice_id: UUID
    campaign_id: UUID
    place: str
    platform: str
    campaign: str | None
    stands: Stand


def search_campaigns(
    service: Service, caller: Caller, text: str, *, limit: int = SHOWN
) -> tuple[list[FoundCampaign], bool]:
    """Return campaigns whose title holds each word of the text, and whether all campaigns were read.

    Needs `takedown`. Campaigns of erased clients are not found.
    """
    caller.require("takedown")
    with service.pool.transaction() as connection:
        rows = store.campaigns(connection, caller.organization_id, MOST_READ + 1)
    keys = client_keys(service)
    found = []
    for row in rows[:MOST_READ]:
        campaign = texts.CAMPAIGN.decrypt(keys.find(row.client_id), row.sealed)
        if campaign is not None and campaign.title and holds(campaign.title, text):
            found.append(FoundCampaign(row.item_id, campaign.title, row.state or ""))
    return found[:limit], len(rows) <= MOST_READ


def search_clients(
    service: Service, caller: Caller, text: str, *, limit: int = SHOWN
) -> tuple[list[FoundClient], bool]:
    """Return clients whose name, or whose depicted person, holds each word of the text, and whether all
    clients were read.

    Needs `takedown`. Erased clients are not found.
    """
    caller.require("takedown")
    with service.pool.transaction() as connection:
        rows = store.clients(connection, caller.organization_id, MOST_READ + 1)
    keys = client_keys(service)
    found = []
    for row in rows[:MOST_READ]:
        client = texts.CLIENT.decrypt(keys.find(row.client_id), row.sealed)
        if client is not None and holds(f"{client.name} {client.depicted_name}", text):
            other = client.depicted_name if client.depicted_name != client.name else None
            found.append(FoundClient(row.item_id, client.name, other))
    return found[:limit], len(rows) <= MOST_READ


def search_notices(service: Service, caller: Caller, text: str, *, limit: int = SHOWN) -> list[FoundNotice]:
    """Return notices about a URL, or those that a text names by id or subject mark (FP-…).

    A URL is compared in its normalised form, for the newest `MOST_READ` clients. Needs `takedown`.
    """
    caller.require("takedown")
    with service.pool.transaction() as connection:
        ids = [*_named(connection, caller, text), *_at(service, connection, caller, text, limit)]
        rows = notices.full(connection, caller.organization_id, ids) if ids else []
    order = {notice_id: place for place, notice_id in reversed(list(enumerate(ids)))}
    rows.sort(key=lambda row: order[row.notice_id])
    return [_shown(service, row) for row in rows[:limit]]


def _named(connection: Connection, caller: Caller, text: str) -> list[UUID]:
    names = reply.named(text)
    if not names:
        return []
    sent = notice_replies.named(connection, caller.organization_id, names)
    return [*(notice_id for notice_id, _, _ in sent), *names.notices]


def _at(service: Service, connection: Connection, caller: Caller, text: str, limit: int) -> Sequence[UUID]:
    address = platforms.normalised(text.strip())
    if address.fault is not None or "://" not in text:
        return []
    keys = client_keys(service)
    clients = store.clients(connection, caller.organization_id, MOST_READ)
    found = [key for client in clients if (key := keys.find(client.client_id)) is not None]
    digests = [key.digest(address.key.encode()) for key in found]
    return store.at_addresses(connection, caller.organization_id, digests, limit)


def _shown(service: Service, row: FullNotice) -> FoundNotice:
    key = client_keys(service).find(row.client_id)
    campaign = texts.CAMPAIGN.decrypt(key, row.campaign_sealed) or CampaignTexts()
    address = texts.ADDRESS.decrypt(key, row.place_sealed) or NoticeAddress()
    return FoundNotice(
        notice_id=row.notice_id,
        campaign_id=row.campaign_id,
        place=address.url or address.content_id or "",
        platform=row.platform,
        campaign=campaign.title,
        stands=row.stands,
    )
