"""Add another registry whose feed is read into a bank of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import Any
from uuid import uuid4

import orjson

from registry.actions.add_exchange import LATEST, SOONEST, require_unpublished
from registry.actions.find_bank import own_bank
from registry.actions.list_peers import find_peer, shape
from registry.actions.open_credentials import SEALED
from registry.actions.record_event import record_event
from registry.actions.relay_outbox import wake_workers
from registry.actions.service import Service
from registry.domain import peer
from registry.domain.caller import Caller
from registry.domain.labels import label
from registry.errors import BadInput, Conflict
from registry.store import exchanges, jobs


def add_peer(
    service: Service,
    caller: Caller,
    *,
    name: str,
    address: str,
    keys: Sequence[str],
    feed: str,
    bank: str,
    credential: str = "",
    tiers: Mapping[str, str] | None = None,
    every: int = SOONEST,
) -> dict[str, Any]:
    """A new peer, which is read soon, and again `every` so many seconds. Needs `admin`.

    `keys`: verifier keys that were learned otherwise than from its address. `credential`: its key for us,
    sealed and shown to nobody. `tiers`: what its tiers count for, for lookups of this organization alone; by
    itself a foreign review counts for nothing. Raises as `domain.peer.terms`; `BadInput` (`bad_label`,
    `bad_interval`, `bad_credentials`), `Conflict` (`peer_exists`, `bank_published`), `NotFound`, `Forbidden`.
    """
    caller.require("admin")
    name = label(name, "name", longest=100)
    terms = peer.terms(address, keys, feed, tiers or {}, private=service.settings.exchange_private)
    if not SOONEST <= every <= LATEST:
        raise BadInput(f"`every` lies within {SOONEST} and {LATEST} seconds.", code="bad_interval")
    if credential and not (credential.isascii() and credential.isprintable() and " " not in credential):
        raise BadInput("The `credential` is no API key.", code="bad_credentials")
    peer_id = uuid4()
    keeping = service.keys.making(peer_id) if credential else nullcontext()
    with keeping as key, service.pool.transaction() as connection:
        home = own_bank(connection, caller, bank)
        require_unpublished(connection, home)
        made = exchanges.insert(
            connection,
            peer_id,
            organization_id=caller.organization_id,
            bank_id=home.bank_id,
            name=name,
            kind="registry",
            address=terms.address,
            options=terms.stored(),
            credentials=key.seal(orjson.dumps({"token": credential}), SEALED) if key else None,
            every=every,
            created_by=caller.caller_id,
        )
        if not made:
            raise Conflict(
                "Your organization has a peer or exchange of that name, or one that fills that bank.",
                code="peer_exists",
                next_step="Remove that one, or give this one another name and a bank of its own.",
            )
        said = {"keys": [one.key_id for one in terms.keys], "tiers": terms.stored()["tiers"]}
        subject = {"exchange_id": peer_id, "bank_id": home.bank_id}
        record_event(connection, caller, "peer.added", subject=subject, said=said)
        jobs.enqueue(connection, "fetch_exchange", peer_id)
        row = find_peer(connection, caller, str(peer_id))
    wake_workers(service)
    return shape(row)
