"""Add, list, suspend, resume and remove peer registries."""

from __future__ import annotations

import logging
from contextlib import nullcontext
from dataclasses import asdict, replace
from typing import Final
from uuid import uuid4

import orjson

from registry import jobs
from registry.catalogue import banks
from registry.catalogue.banks import BankRef
from registry.catalogue.banks import model as policies
from registry.catalogue.banks.errors import NegativeBank
from registry.catalogue.banks.service.banks import own_bank
from registry.core.audit.service import record_event
from registry.core.database.pool import Connection
from registry.core.labels import label
from registry.core.net import outbound
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.jobs.service.queue import wake_workers
from registry.sharing.errors import BadCredentials
from registry.sharing.federation.errors import PeerExists, PeerSuspended, UnknownPeer
from registry.sharing.federation.model import feed, peer
from registry.sharing.federation.schemas.peer import NewPeer, Peer, PeerShown
from registry.sharing.federation.store import peers
from registry.sharing.sources import store as exchanges
from registry.sharing.sources.service.exchanges import (
    PURPOSE,
    check_interval,
    open_credentials,
    replace_credentials,
    require_unpublished,
)
from registry.sharing.sources.store import NewSource, Source


def list_peers(service: Service, caller: Caller) -> list[Peer]:
    """List the organization's peers by name. Needs `admin`."""
    caller.require("admin")
    with service.pool.transaction() as connection:
        return [_shown(source) for source in peers.list_of(connection, caller.organization_id)]


def find_peer(connection: Connection, caller: Caller, name: str) -> Source:
    """Find the organization's peer by name or id. Raises `NotFound` (`unknown_peer`)."""
    for source in peers.list_of(connection, caller.organization_id):
        if name in {source.name, str(source.exchange_id)}:
            return source
    raise UnknownPeer(f"Your organization has no peer {name[:100]!r}.")


def _shown(source: Source) -> Peer:
    return Peer.model_validate(_answer(source))


def _answer(source: Source) -> dict[str, object]:
    """Return the fields of a peer's answer, without credentials."""
    position = feed.position(source.checkpoint)
    return {
        **asdict(source),
        **source.options,
        "peer_id": source.exchange_id,
        "credentials": source.credentials is not None,
        "every": source.every_s,
        "pages": position.page,
        "ledger_index": position.index if position.page else None,
        "ledger_size": position.size,
        "error": source.error,
    }


def request_peer(service: Service, caller: Caller, name: str) -> Peer:
    """Enqueue a reading of the peer and return it. Needs `admin`.

    Raises `NotFound` (`unknown_peer`), `Conflict` (`peer_suspended`).
    """
    caller.require("admin")
    with service.pool.transaction() as connection:
        source = find_peer(connection, caller, name)
        if source.state != "active":
            raise PeerSuspended("The peer is suspended.")
        jobs.enqueue(connection, "fetch_exchange", source.exchange_id)
    wake_workers(service)
    return _shown(replace(source, fetching=True))


def get_peer(service: Service, caller: Caller, name: str) -> PeerShown:
    """Return a peer with its last checkpoint and its `forks`, each with both notes. Needs `admin`.

    Raises `NotFound` (`unknown_peer`).
    """
    caller.require("admin")
    with service.pool.transaction() as connection:
        source = find_peer(connection, caller, name)
        forks = peers.forks(connection, source.exchange_id)
    note = (source.checkpoint or {}).get("note")
    return PeerShown.model_validate({**_answer(source), "checkpoint": note, "forks": forks})


def add_peer(service: Service, caller: Caller, new: NewPeer) -> Peer:
    """Add a peer. A worker reads it soon, and then at its interval. Needs `admin`.

    Its API key for us is stored encrypted and never shown.

    By default a foreign review does not count. Entries that do not count as reviewed match as `related` at
    most, unless the bank's policy sets its own `known_tier`.

    Raises as `sharing.federation.model.peer.terms`; `BadInput` (`bad_label`, `bad_interval`,
    `bad_credentials`), `Conflict` (`peer_exists`, `bank_published`, `negative_bank`), `NotFound`,
    `Forbidden`.
    """
    caller.require("admin")
    name = label(new.name, "name", longest=100)
    terms = peer.terms(new.address, new.keys, new.feed, new.tiers, private=service.settings.exchange_private)
    check_interval(new.every)
    credential = new.credential
    if credential:
        _require_key(credential)
    peer_id = uuid4()
    keeping = service.keys.making(peer_id) if credential else nullcontext()
    with keeping as key, service.pool.transaction() as connection:
        home = own_bank(connection, caller, new.bank)
        require_unpublished(connection, home)
        _require_review(connection, caller, home)
        encrypted = key.seal(orjson.dumps({"token": credential}), PURPOSE) if key else None
        added = NewSource(peer_id, name, "registry", terms.address, terms.stored(), encrypted, new.every)
        inserted = exchanges.insert(connection, caller, home.bank_id, added)
        if not inserted:
            raise PeerExists(
                "Your organization already has a peer or exchange with that name or for that bank."
            )
        details = {"keys": [key.key_id for key in terms.keys], "tiers": terms.stored()["tiers"]}
        subject = {"exchange_id": peer_id, "bank_id": home.bank_id}
        record_event(connection, caller, "peer.added", subject=subject, said=details)
        jobs.enqueue(connection, "fetch_exchange", peer_id)
        source = find_peer(connection, caller, str(peer_id))
    wake_workers(service)
    return _shown(source)


def _require_review(connection: Connection, caller: Caller, home: BankRef) -> None:
    """Set the bank's `known_tier` to `reviewed`, unless its policy has one. Unreviewed entries are then never
    known fakes.

    Raises `Conflict` (`negative_bank`).
    """
    bank = banks.lock(connection, home.bank_id)
    if bank["kind"] == "negative":
        raise NegativeBank(
            f"The bank {home.name!r} is negative: a peer's fakes would be treated as an allowlist.",
            next_step="Create one: `fakeprint admin bank add NAME --visibility private`.",
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


log = logging.getLogger(__name__)

AGAIN_SECONDS: Final = 86_400
"""Seconds after which a peer is asked again, whatever it answered: it may have lost or disabled the
webhook."""


def follow_peer(service: Service, source: Source) -> None:
    """Ask a peer once a day to send notifications of new pages, if this deployment has a public URL.

    Errors of the peer are not raised, because it is also read at its interval.
    """
    base = service.settings.public_url.rstrip("/")
    if not base:
        return
    with service.pool.transaction() as connection:
        if not peers.mark_followed(connection, source.exchange_id, seconds=AGAIN_SECONDS):
            return
    terms = peer.stored(source.address, source.options)
    token = open_credentials(service, source).get("token", "")
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    attempt = outbound.post(
        f"{terms.address}/v1/feeds/{terms.feed}/readers",
        headers,
        orjson.dumps({"url": f"{base}/v1/peers/{source.exchange_id}/news"}),
        private=service.settings.exchange_private,
    )
    details = {"exchange_id": str(source.exchange_id), "outcome": attempt.outcome, "status": attempt.status}
    log.info("asked a peer for notifications of new pages", extra=details)


def change_credential(service: Service, caller: Caller, name: str, credential: str) -> Peer:
    """Replace our API key at a peer, and return the peer. Its next reading, which is due at once, uses it.
    Needs `admin`.

    Raises `BadInput` (`bad_credentials`), `NotFound` (`unknown_peer`), `Unavailable` (`keys_unavailable`).
    """
    caller.require("admin")
    _require_key(credential)
    with service.pool.transaction() as connection:
        source = find_peer(connection, caller, name)
        replace_credentials(service, connection, source, {"token": credential})
        source = find_peer(connection, caller, str(source.exchange_id))
    return _shown(source)


def _require_key(text: str) -> None:
    if not (text.isascii() and text.isprintable() and " " not in text):
        raise BadCredentials("The `credential` is not an API key.")


def suspend_peer(service: Service, caller: Caller, name: str) -> Peer:
    """Stop reading a peer until it is resumed. Its entries keep matching. Needs `admin`.

    Raises `NotFound` (`unknown_peer`).
    """
    caller.require("admin")
    with service.pool.transaction() as connection:
        source = find_peer(connection, caller, name)
        if source.state != "suspended":
            peers.set_state(connection, source.exchange_id, "suspended")
            record_event(connection, caller, "peer.suspended", subject={"exchange_id": source.exchange_id})
        source = find_peer(connection, caller, str(source.exchange_id))
    return _shown(source)


def resume_peer(service: Service, caller: Caller, name: str, *, restart: bool = False) -> Peer:
    """Read a suspended peer again. Needs `admin`.

    `restart`: read from the beginning and ignore everything that the peer signed before. Use it only if you
    know why its ledger was replaced. The proof of a fork is kept. Raises `NotFound` (`unknown_peer`).
    """
    caller.require("admin")
    with service.pool.transaction() as connection:
        source = find_peer(connection, caller, name)
        peers.set_state(connection, source.exchange_id, "active")
        if restart:
            peers.restart(connection, source.exchange_id, source.options["keys"][0])
        record_event(
            connection,
            caller,
            "peer.resumed",
            subject={"exchange_id": source.exchange_id},
            said={"restarted": restart},
        )
        source = find_peer(connection, caller, str(source.exchange_id))
    return _shown(source)


def remove_peer(service: Service, caller: Caller, name: str) -> Peer:
    """Remove a peer and return it. Its API key for us is destroyed. Needs `admin`.

    Its entries stay in the bank unchanged, and later withdrawals no longer reach them; delete the bank to end
    them. Raises `NotFound` (`unknown_peer`).
    """
    caller.require("admin")
    with service.pool.transaction() as connection:
        source = find_peer(connection, caller, name)
        exchanges.remove(connection, source.exchange_id)
        record_event(connection, caller, "peer.removed", subject={"exchange_id": source.exchange_id})
    service.keys.destroy(source.exchange_id)
    return _shown(replace(source, state="removed", credentials=None))
