"""Forget a client."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from registry.core.audit.service.record_event import record_event
from registry.core.crypto.keys import Key
from registry.core.database.pool import Connection
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.matching.lookups.service.keep_sighting import SIGHTING
from registry.matching.lookups.store import sightings
from registry.takedown.campaigns import store as campaigns
from registry.takedown.campaigns.service import takedown
from registry.takedown.clients.service.show_client import show_client
from registry.takedown.platforms.service import platforms
from registry.takedown.replies.service.take_replies import REPLY
from registry.takedown.replies.store import notice_replies

_BETWEEN: Final = re.compile(r"[\s\"'<>()\[\]]+")
"""What separates words in which an address could be."""
_LONGEST: Final = 4_000
"""Characters of an address that is looked at."""
_SHORTEST_NAME: Final = 4
"""Characters; a shorter one is found in any text."""
_FIRST: Final = UUID(int=0)


def erase_client(service: Service, caller: Caller, client_id: UUID) -> dict[str, Any]:
    """The client without its texts: its key is destroyed, so that names, addresses and places of its
    campaigns can be read nowhere, backups included, and its campaigns are closed. States and times stay.
    What the organization holds under its own key goes with it where it names the client or a place of its
    campaigns: replies that wait for a person, but for those that may answer another client's notice, and
    where lookups have seen what they asked about. Twice, nothing more happens. Needs `takedown`.

    Raises `NotFound` (`unknown_client`), `Unavailable` (`keys_unavailable`).
    """
    caller.require("takedown")
    with service.pool.transaction() as connection:
        takedown.find_client(connection, caller, client_id, lock=True)
        forget(service, connection, caller, caller.organization_id, client_id)
    takedown.keys(service).destroy(client_id)
    return show_client(service, caller, client_id)


def forget(
    service: Service, connection: Connection, caller: Caller | None, organization_id: UUID, client_id: UUID
) -> None:
    """In the transaction, before the key is destroyed; once. `caller` None: the service itself."""
    key, own = takedown.keys(service).find(client_id), takedown.keys(service).find(organization_id)
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
    """By what the client is known: names and addresses, folded, and places as they are compared."""

    words: frozenset[str]
    places: frozenset[str]

    def in_text(self, text: str) -> bool:
        folded = text.casefold()
        if any(word in folded for word in self.words):
            return True
        return any(one in self.places for one in _places(text))


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
    """All that it says, whatever its form."""
    if isinstance(said, Mapping):
        return _text(list(said.values()))
    if isinstance(said, Sequence) and not isinstance(said, str):
        return "\n".join(_text(one) for one in said)
    return said if isinstance(said, str) else ""


def _places(text: str) -> Iterator[str]:
    """What each address in a text is known by, with or without its scheme."""
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
    while rows := sightings.of_organization(connection, organization_id, after):
        after = rows[-1]["lookup_id"]
        gone = [
            row["lookup_id"]
            for row in rows
            if known.in_text(_text(takedown.open_sealed(own, row["sealed"], SIGHTING)))
        ]
        forgotten += sightings.forget_these(connection, organization_id, gone)
    return forgotten
