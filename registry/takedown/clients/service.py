"""Record, list and erase clients and their mandates."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID, uuid4

from registry.catalogue import platforms
from registry.core import cursor
from registry.core.audit.service import record_event, unpack
from registry.core.crypto.keys import Key
from registry.core.database.pool import Connection
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.organizations.service.operator import client_keys
from registry.matching import lookups
from registry.matching.lookups.service.records import SIGHTING
from registry.takedown.campaigns import store as campaign_store
from registry.takedown.campaigns.model import Client, Mandate
from registry.takedown.campaigns.service import access, texts
from registry.takedown.campaigns.store import StoredClient
from registry.takedown.clients.schemas import ClientPage, ClientShown, ClientSummary, MandateShown
from registry.takedown.notices.model.notice import GrantedBy
from registry.takedown.replies.service.replies import REPLY
from registry.takedown.replies.store import notice_replies


def show_client(service: Service, caller: Caller, client_id: UUID) -> ClientShown:
    """Return a client of the caller's organization. Needs `takedown`.

    The texts are None after erasure. Raises `NotFound` (`unknown_client`).
    """
    caller.require("takedown")
    with service.pool.transaction() as connection:
        row = access.find_client(connection, caller, client_id)
        mandates = campaign_store.mandates(connection, client_id)
    return ClientShown.from_row(
        row, **_texts(service, row), mandates=[MandateShown.from_row(mandate) for mandate in mandates]
    )


def _texts(service: Service, row: StoredClient) -> dict[str, str | None]:
    client = texts.CLIENT.decrypt(client_keys(service).find(row.client_id), row.sealed)
    return asdict(client) if client else dict.fromkeys(Client.__slots__)


def list_clients(
    service: Service, caller: Caller, *, limit: int = 50, after: str | None = None
) -> ClientPage:
    """List clients, newest first. Needs `takedown`. Raises `BadInput` (`bad_cursor`)."""
    caller.require("takedown")
    with service.pool.transaction() as connection:
        rows = campaign_store.clients(
            connection,
            caller.organization_id,
            after=cursor.place(after) if after else None,
            limit=limit + 1,
        )
    more, rows = len(rows) > limit, rows[:limit]
    ends = cursor.encode(rows[-1].created_at.isoformat(), rows[-1].client_id) if more else None
    return ClientPage(
        clients=[ClientSummary.from_row(row, **_texts(service, row)) for row in rows], next=ends
    )


@dataclass(frozen=True, slots=True, repr=False)
class UsableMandate:
    """A mandate that is or will be valid, with its client's texts."""

    mandate_id: UUID
    client_id: UUID
    client: Client
    granted_by: GrantedBy
    valid_until: datetime


def list_usable_mandates(service: Service, caller: Caller, *, limit: int = 200) -> list[UsableMandate]:
    """List mandates that a campaign can use, of all clients, the newest first. Needs `takedown`."""
    caller.require("takedown")
    with service.pool.transaction() as connection:
        rows = campaign_store.usable_mandates(connection, caller.organization_id, limit)
    keys = client_keys(service)
    opened = [(row, texts.CLIENT.decrypt(keys.find(row.client_id), row.sealed)) for row in rows]
    return [
        UsableMandate(row.mandate_id, row.client_id, client, row.granted_by, row.valid_until)
        for row, client in opened
        if client is not None
    ]


def record_client(service: Service, caller: Caller, client: Client) -> ClientShown:
    """Record a client and return it. Needs `takedown`.

    Personal data is encrypted under a new key of this client. Raises `BadInput` (`bad_label`, `bad_email`).
    """
    caller.require("takedown")
    checked = client.checked()
    client_id = uuid4()
    with client_keys(service).making(client_id) as key, service.pool.transaction() as connection:
        sealed, bound = texts.CLIENT.encrypt(key, checked)
        campaign_store.add_client(
            connection,
            client_id=client_id,
            organization_id=caller.organization_id,
            caller_id=caller.caller_id,
            sealed=sealed,
        )
        record_event(
            connection,
            caller,
            "client.recorded",
            subject={"client_id": client_id},
            said={"record": bound.digest},
        )
    return show_client(service, caller, client_id)


def record_mandate(service: Service, caller: Caller, client_id: UUID, mandate: Mandate) -> ClientShown:
    """Record a mandate and return the client with its mandates, newest first. Needs `takedown`.

    Raises `NotFound` (`unknown_client`), `Conflict` (`client_erased`), `BadInput` (`bad_time`, `bad_sha256`,
    `mandate_expired`).
    """
    caller.require("takedown")
    checked = mandate.checked(datetime.now(UTC))
    with service.pool.transaction() as connection:
        access.find_client(connection, caller, client_id, lock=True)
        access.key_of(service, client_id)
        mandate_id = campaign_store.add_mandate(connection, client_id, checked, caller.caller_id)
        record_event(
            connection,
            caller,
            "mandate.recorded",
            subject={"client_id": client_id, "mandate_id": mandate_id},
            said={"document_sha256": checked.document_sha256, "granted_by": checked.granted_by},
        )
    return show_client(service, caller, client_id)


def revoke_mandate(service: Service, caller: Caller, client_id: UUID, mandate_id: UUID) -> ClientShown:
    """Revoke a mandate and return the client. Idempotent. Needs `takedown`.

    No notice is sent under the mandate after this commit. Raises `NotFound` (`unknown_client`,
    `unknown_mandate`).
    """
    caller.require("takedown")
    with service.pool.transaction() as connection:
        access.find_client(connection, caller, client_id, lock=True)
        access.require_mandate(connection, client_id, mandate_id)
        if campaign_store.revoke_mandate(connection, client_id, mandate_id, caller.caller_id):
            subject = {"client_id": client_id, "mandate_id": mandate_id}
            record_event(connection, caller, "mandate.revoked", subject=subject)
    return show_client(service, caller, client_id)


_BETWEEN: Final = re.compile(r"[\s\"'<>()\[\]]+")
"""Separators of words that may be addresses."""
_LONGEST: Final = 4_000
"""Maximum length of a word that is examined as an address, in characters."""
_SHORTEST_NAME: Final = 4
"""Minimum length of a name to search for, in characters. A shorter name would be found in any text."""
_FIRST: Final = UUID(int=0)


def erase_client(service: Service, caller: Caller, client_id: UUID) -> ClientShown:
    """Erase a client: destroy its key and close its campaigns. Idempotent. Needs `takedown`.

    Names, addresses and places of its campaigns become unreadable everywhere, including backups. States and
    times remain. Two kinds of data under the organization's own key are deleted too, if they mention the
    client or a place of its campaigns: replies that wait for a person, and recorded places of lookups. A
    reply that may answer another client's notice is kept.

    Raises `NotFound` (`unknown_client`), `Unavailable` (`keys_unavailable`).
    """
    caller.require("takedown")
    with service.pool.transaction() as connection:
        access.find_client(connection, caller, client_id, lock=True)
        delete_data(service, connection, caller, caller.organization_id, client_id)
    client_keys(service).destroy(client_id)
    return show_client(service, caller, client_id)


def delete_data(
    service: Service, connection: Connection, caller: Caller | None, organization_id: UUID, client_id: UUID
) -> None:
    """Delete a client's data in the transaction, once, before its key is destroyed.

    `caller` None: the service itself erases.
    """
    key, own = client_keys(service).find(client_id), client_keys(service).find(organization_id)
    row = campaign_store.client(connection, organization_id, client_id, lock=True)
    caller_id = caller.caller_id if caller else None
    if row is None or not campaign_store.erase_client(connection, client_id, caller_id):
        return
    counts = {"replies": 0, "sightings": 0}
    if own is not None:
        identifiers = _identifiers(connection, key, row)
        counts["replies"] = _delete_replies(connection, own, identifiers, organization_id, client_id)
        counts["sightings"] = _delete_sightings(connection, own, identifiers, organization_id)
    record_event(
        connection,
        caller,
        "client.erased",
        organization_id=organization_id,
        subject={"client_id": client_id},
        said=counts,
    )


@dataclass(frozen=True, slots=True, repr=False)
class _Identifiers:
    """Identifiers of a client: case-folded names and e-mail addresses, normalised addresses of notices."""

    words: frozenset[str]
    urls: frozenset[str]

    def in_text(self, text: str) -> bool:
        folded = text.casefold()
        return any(word in folded for word in self.words) or any(url in self.urls for url in _urls(text))


def _identifiers(connection: Connection, key: Key | None, row: StoredClient) -> _Identifiers:
    if key is None:
        return _Identifiers(frozenset(), frozenset())
    client = texts.CLIENT.decrypt(key, row.sealed)
    words = [client.name, client.depicted_name, client.email or ""] if client else []
    urls: set[str] = set()
    for purpose, sealed in campaign_store.places_of_client(connection, row.client_id):
        urls |= set(_urls(_text(unpack(key, sealed, purpose))))
    long_enough = (word.casefold() for word in words if len(word.casefold()) >= _SHORTEST_NAME)
    return _Identifiers(frozenset(long_enough), frozenset(urls))


def _text(value: object) -> str:
    """Return all strings in a JSON value, joined by line breaks."""
    if isinstance(value, Mapping):
        return _text(list(value.values()))
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "\n".join(_text(part) for part in value)
    return value if isinstance(value, str) else ""


def _urls(text: str) -> Iterator[str]:
    """Yield the normalised key of each URL in a text, with or without scheme."""
    for word in _BETWEEN.split(text):
        if "/" not in word or "." not in word or len(word) > _LONGEST:
            continue
        url = word.rstrip(".,;:!?")
        address = platforms.normalised(url if "://" in url else f"https://{url}")
        if address.fault is None:
            yield address.key


def _delete_replies(
    connection: Connection, own: Key, identifiers: _Identifiers, organization_id: UUID, client_id: UUID
) -> int:
    deleted, after = 0, _FIRST
    while rows := notice_replies.waiting(connection, organization_id, after):
        after = rows[-1]["reply_id"]
        matching = [
            row["reply_id"]
            for row in rows
            if row["clients"] == [client_id]
            or (not row["clients"] and identifiers.in_text(_text(unpack(own, row["sealed"], REPLY.purpose))))
        ]
        deleted += notice_replies.delete_content(connection, organization_id, matching)
    return deleted


def _delete_sightings(
    connection: Connection, own: Key, identifiers: _Identifiers, organization_id: UUID
) -> int:
    deleted, after = 0, _FIRST
    while rows := lookups.list_sightings(connection, organization_id, after):
        after = rows[-1]["lookup_id"]
        matching = [
            row["lookup_id"]
            for row in rows
            if identifiers.in_text(_text(unpack(own, row["sealed"], SIGHTING)))
        ]
        deleted += lookups.forget_sightings(connection, organization_id, matching)
    return deleted


def sweep_clients(service: Service) -> int:
    """Erase remaining client data and return the number of destroyed keys. Safe to run concurrently.

    - A key of an erased client is destroyed. It remains if the erasing process was killed, or came back from
      a backup.
    - A client whose key is marked as destroyed is erased in the database too. Such a client came back from a
      backup.
    - Clients of closed organizations are erased, together with their replies and sightings.

    Raises `Unavailable` (`keys_unavailable`).
    """
    keys = client_keys(service)
    held = keys.held()
    with service.pool.transaction() as connection:
        erased = campaign_store.erased_clients(connection, held) + campaign_store.closed_organizations(
            connection, held
        )
        due = campaign_store.unerased_clients(connection, keys.destroyed())
    for client_id, organization_id in due:
        with service.pool.transaction() as connection:
            delete_data(service, connection, None, organization_id, client_id)
        erased.append(client_id)
    for erased_id in erased:
        keys.destroy(erased_id)
    return len(erased)
