"""Record, list and erase clients and their mandates."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID, uuid4

from registry.catalogue.platforms import service as platforms
from registry.core import cursor
from registry.core.audit.service import record_event
from registry.core.crypto.keys import Key
from registry.core.database.pool import Connection
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.organizations.service.operator import client_keys
from registry.matching import lookups
from registry.matching.lookups.service.records import SIGHTING
from registry.takedown.campaigns import model as campaign
from registry.takedown.campaigns import store as campaigns
from registry.takedown.campaigns.model import Client
from registry.takedown.campaigns.service import takedown
from registry.takedown.errors import UnknownMandate
from registry.takedown.notices.model.notice import GrantedBy
from registry.takedown.replies.service.replies import REPLY
from registry.takedown.replies.store import notice_replies


def show_client(service: Service, caller: Caller, client_id: UUID) -> dict[str, Any]:
    """Return a client of the caller's organization. Needs `takedown`.

    The texts are None after erasure. Raises `NotFound` (`unknown_client`).
    """
    caller.require("takedown")
    with service.pool.transaction() as connection:
        row = takedown.find_client(connection, caller, client_id)
        mandates = campaigns.mandates(connection, client_id)
    return client(service, row) | {"mandates": [mandate(item) for item in mandates]}


def client(service: Service, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a client as a list shows it."""
    key = client_keys(service).find(row["client_id"])
    record = takedown.open_sealed(key, row["sealed"], takedown.CLIENT) or {}
    texts = {name: record.get(name) for name in ("name", "depicted_name", "email", "address", "country")}
    return {
        "client_id": str(row["client_id"]),
        **texts,
        "created_at": row["created_at"].isoformat(),
        "erased_at": row["erased_at"].isoformat() if row["erased_at"] else None,
    }


def mandate(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a mandate as it is shown."""
    return {
        "mandate_id": str(row["mandate_id"]),
        "granted_by": row["granted_by"],
        "document_sha256": row["document_sha256"],
        "valid_from": row["valid_from"].isoformat(),
        "valid_until": row["valid_until"].isoformat(),
        "revoked_at": row["revoked_at"].isoformat() if row["revoked_at"] else None,
        "holds": row["holds"],
    }


def list_clients(
    service: Service, caller: Caller, *, limit: int = 50, after: str | None = None
) -> dict[str, Any]:
    """List clients, newest first. Needs `takedown`. Raises `BadInput` (`bad_cursor`)."""
    caller.require("takedown")
    with service.pool.transaction() as connection:
        rows = campaigns.clients(
            connection,
            caller.organization_id,
            after=cursor.place(after) if after else None,
            limit=limit + 1,
        )
    more, rows = len(rows) > limit, rows[:limit]
    ends = cursor.encode(rows[-1]["created_at"].isoformat(), rows[-1]["client_id"]) if more else None
    return {"clients": [client(service, row) for row in rows], "next": ends}


def record_client(service: Service, caller: Caller, who: Client) -> dict[str, Any]:
    """Record a client and return it. Needs `takedown`.

    Personal data is encrypted under a new key of this client. Raises `BadInput` (`bad_label`, `bad_email`).
    """
    caller.require("takedown")
    record = who.record()
    client_id = uuid4()
    with client_keys(service).making(client_id) as key, service.pool.transaction() as connection:
        sealed, bound = takedown.seal(key, record, takedown.CLIENT)
        campaigns.add_client(
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


def record_mandate(
    service: Service,
    caller: Caller,
    client_id: UUID,
    *,
    granted_by: GrantedBy,
    document_sha256: str,
    valid_from: datetime,
    valid_until: datetime,
) -> dict[str, Any]:
    """Record a mandate and return the client with its mandates, newest first. Needs `takedown`.

    Raises `NotFound` (`unknown_client`), `Conflict` (`client_erased`), `BadInput` (`bad_time`, `bad_sha256`,
    `mandate_expired`).
    """
    caller.require("takedown")
    found = campaign.mandate(
        granted_by=granted_by,
        document_sha256=document_sha256,
        valid_from=valid_from,
        valid_until=valid_until,
        now=datetime.now(UTC),
    )
    with service.pool.transaction() as connection:
        takedown.find_client(connection, caller, client_id, lock=True)
        takedown.key_of(service, client_id)
        mandate_id = campaigns.add_mandate(
            connection,
            client_id=client_id,
            caller_id=caller.caller_id,
            granted_by=found.granted_by,
            document_sha256=found.document_sha256,
            valid_from=found.valid_from,
            valid_until=found.valid_until,
        )
        record_event(
            connection,
            caller,
            "mandate.recorded",
            subject={"client_id": client_id, "mandate_id": mandate_id},
            said={"document_sha256": found.document_sha256, "granted_by": found.granted_by},
        )
    return show_client(service, caller, client_id)


def revoke_mandate(service: Service, caller: Caller, client_id: UUID, mandate_id: UUID) -> dict[str, Any]:
    """Revoke a mandate and return the client. Idempotent. Needs `takedown`.

    No notice is sent under the mandate after this commit. Raises `NotFound` (`unknown_client`,
    `unknown_mandate`).
    """
    caller.require("takedown")
    with service.pool.transaction() as connection:
        takedown.find_client(connection, caller, client_id, lock=True)
        if mandate_id not in {item["mandate_id"] for item in campaigns.mandates(connection, client_id)}:
            raise UnknownMandate(f"The client has no mandate {mandate_id}.")
        if campaigns.revoke_mandate(connection, client_id, mandate_id, caller.caller_id):
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


def erase_client(service: Service, caller: Caller, client_id: UUID) -> dict[str, Any]:
    """Erase a client: destroy its key and close its campaigns. Idempotent. Needs `takedown`.

    Names, addresses and places of its campaigns become unreadable everywhere, including backups. States and
    times remain. Two kinds of data under the organization's own key are deleted too, if they mention the
    client or a place of its campaigns: replies that wait for a person, and recorded places of lookups. A
    reply that may answer another client's notice is kept.

    Raises `NotFound` (`unknown_client`), `Unavailable` (`keys_unavailable`).
    """
    caller.require("takedown")
    with service.pool.transaction() as connection:
        takedown.find_client(connection, caller, client_id, lock=True)
        forget(service, connection, caller, caller.organization_id, client_id)
    client_keys(service).destroy(client_id)
    return show_client(service, caller, client_id)


def forget(
    service: Service, connection: Connection, caller: Caller | None, organization_id: UUID, client_id: UUID
) -> None:
    """Delete a client's data in the transaction, once, before its key is destroyed.

    `caller` None: the service itself erases.
    """
    key, own = client_keys(service).find(client_id), client_keys(service).find(organization_id)
    row = campaigns.client(connection, organization_id, client_id, lock=True)
    caller_id = caller.caller_id if caller else None
    if row is None or not campaigns.erase_client(connection, client_id, caller_id):
        return
    said = {"replies": 0, "sightings": 0}
    if own is not None:
        known = _known(connection, key, client_id, row["sealed"])
        said["replies"] = _forget_replies(connection, own, known, organization_id, client_id)
        said["sightings"] = _forget_sightings(connection, own, known, organization_id)
    record_event(
        connection,
        caller,
        "client.erased",
        organization_id=organization_id,
        subject={"client_id": client_id},
        said=said,
    )


@dataclass(frozen=True, slots=True, repr=False)
class _Known:
    """Identifiers of a client: case-folded names and e-mail addresses, and normalised places."""

    words: frozenset[str]
    places: frozenset[str]

    def in_text(self, text: str) -> bool:
        folded = text.casefold()
        if any(word in folded for word in self.words):
            return True
        return any(place in self.places for place in _places(text))


def _known(connection: Connection, key: Key | None, client_id: UUID, sealed: bytes | None) -> _Known:
    if key is None:
        return _Known(frozenset(), frozenset())
    record = takedown.open_sealed(key, sealed, takedown.CLIENT) or {}
    words = {str(record.get(name) or "").casefold() for name in ("name", "depicted_name", "email")}
    places: set[str] = set()
    for purpose, one in campaigns.places_of_client(connection, client_id):
        places |= set(_places(_text(takedown.open_sealed(key, one, purpose))))
    return _Known(frozenset(word for word in words if len(word) >= _SHORTEST_NAME), frozenset(places))


def _text(said: object) -> str:
    """Return all strings in a JSON value, joined by line breaks."""
    if isinstance(said, Mapping):
        return _text(list(said.values()))
    if isinstance(said, Sequence) and not isinstance(said, str):
        return "\n".join(_text(item) for item in said)
    return said if isinstance(said, str) else ""


def _places(text: str) -> Iterator[str]:
    """Yield the normalised key of each URL in a text, with or without scheme."""
    for word in _BETWEEN.split(text):
        if "/" not in word or "." not in word or len(word) > _LONGEST:
            continue
        named = word.rstrip(".,;:!?")
        address = platforms.normalised(named if "://" in named else f"https://{named}")
        if address.fault is None:
            yield address.key


def _forget_replies(
    connection: Connection, own: Key, known: _Known, organization_id: UUID, client_id: UUID
) -> int:
    forgotten, after = 0, _FIRST
    while rows := notice_replies.waiting(connection, organization_id, after):
        after = rows[-1]["reply_id"]
        gone = [
            row["reply_id"]
            for row in rows
            if row["clients"] == [client_id]
            or (not row["clients"] and known.in_text(_text(takedown.open_sealed(own, row["sealed"], REPLY))))
        ]
        forgotten += notice_replies.forget_these(connection, organization_id, gone)
    return forgotten


def _forget_sightings(connection: Connection, own: Key, known: _Known, organization_id: UUID) -> int:
    forgotten, after = 0, _FIRST
    while rows := lookups.list_sightings(connection, organization_id, after):
        after = rows[-1]["lookup_id"]
        gone = [
            row["lookup_id"]
            for row in rows
            if known.in_text(_text(takedown.open_sealed(own, row["sealed"], SIGHTING)))
        ]
        forgotten += lookups.forget_sightings(connection, organization_id, gone)
    return forgotten


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
        gone = campaigns.erased_clients(connection, held) + campaigns.closed_organizations(connection, held)
        due = campaigns.unerased_clients(connection, keys.destroyed())
    for client_id, organization_id in due:
        with service.pool.transaction() as connection:
            forget(service, connection, None, organization_id, client_id)
        gone.append(client_id)
    for item in gone:
        keys.destroy(item)
    return len(gone)
