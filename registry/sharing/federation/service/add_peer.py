"""Add another registry whose feed is read into a bank of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import Any
from uuid import uuid4

import orjson

from registry.catalogue.banks import model as policies
from registry.catalogue.banks.service.find_bank import own_bank
from registry.catalogue.banks.store import banks
from registry.catalogue.banks.store.banks import BankRef
from registry.core.audit.service.record_event import record_event
from registry.core.database.pool import Connection
from registry.core.errors import BadInput, Conflict
from registry.core.labels import label
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.jobs.service.relay_outbox import wake_workers
from registry.jobs.store import jobs
from registry.sharing.federation.model import peer
from registry.sharing.federation.service.list_peers import find_peer, shape
from registry.sharing.sources import store as exchanges
from registry.sharing.sources.service.add_exchange import LATEST, SOONEST, require_unpublished
from registry.sharing.sources.service.open_credentials import SEALED


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
    itself a foreign review counts for nothing, and what is not reviewed by these terms is `related` at most,
    unless the bank's policy says a `known_tier` of its own. Raises as
    `sharing.federation.model.peer.terms`; `BadInput`
    (`bad_label`, `bad_interval`, `bad_credentials`), `Conflict` (`peer_exists`, `bank_published`,
    `negative_bank`), `NotFound`, `Forbidden`.
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
        _require_review(connection, caller, home)
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


def _require_review(connection: Connection, caller: Caller, home: BankRef) -> None:
    """Let nothing in the bank be called a known fake that nobody has reviewed, unless its owner has said what
    is. Raises `Conflict` (`negative_bank`)."""
    bank = banks.lock(connection, home.bank_id)
    if bank["kind"] == "negative":
        raise Conflict(
            f"The bank {home.name!r} is negative: what a peer says is fake would be taken for harmless.",
            code="negative_bank",
            next_step="Open another: `fakeprint admin bank add NAME --visibility private`.",
        )
    if "known_tier" in bank["policy"]:
        return
    policy = {**bank["policy"], "known_tier": "reviewed"}
    name, seen_by = bank["name"], bank["visibility"]
    banks.change(connection, home.bank_id, name=name, visibility=seen_by, policy=policy)
    record_event(
        connection,
        caller,
        "bank.changed",
        subject={"bank_id": home.bank_id},
        said={
            "renamed": False,
            "visibility": seen_by,
            "visibility_before": seen_by,
            "policy": policies.recorded(policy),
        },
    )
