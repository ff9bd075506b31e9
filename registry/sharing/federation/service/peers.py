"""Add, list, suspend, resume and remove peer registries."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import Any, Final
from uuid import uuid4

import orjson

from registry import jobs
from registry.catalogue import banks
from registry.catalogue.banks import BankRef
from registry.catalogue.banks import model as policies
from registry.catalogue.banks.service.banks import own_bank
from registry.core.audit.service import record_event
from registry.core.database.pool import Connection
from registry.core.errors import BadInput, Conflict, NotFound
from registry.core.labels import label
from registry.core.net import outbound
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.jobs.service.queue import wake_workers
from registry.sharing.federation.model import feed, peer
from registry.sharing.federation.store import peers
from registry.sharing.sources import store as exchanges
from registry.sharing.sources.service.exchanges import (
    LATEST,
    SEALED,
    SOONEST,
    open_credentials,
    require_unpublished,
)


def list_peers(service: Service, caller: Caller) -> list[dict[str, Any]]:
    """List the organization's peers by name. Needs `admin`."""
    caller.require("admin")
    with service.pool.transaction() as connection:
        return [shape(row) for row in peers.list_of(connection, caller.organization_id)]


def find_peer(connection: Connection, caller: Caller, name: str) -> dict[str, Any]:
    """Find the organization's peer by name or id. Raises `NotFound` (`unknown_peer`)."""
    for row in peers.list_of(connection, caller.organization_id):
        if name in {row["name"], str(row["exchange_id"])}:
            return row
    raise NotFound(
        f"There is no peer {name[:100]!r} of your organization.",
        code="unknown_peer",
        next_step="List them with GET /v1/peers or `fakeprint peer list`.",
    )


def shape(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a peer as the API shows it, without credentials."""
    stand = feed.stand(row["checkpoint"])
    options = row["options"]
    error = {"code": row["error_code"], "message": row["error_message"]} if row["error_code"] else None
    return {
        "peer_id": str(row["exchange_id"]),
        "name": row["name"],
        "address": row["address"],
        "origin": options["origin"],
        "keys": options["keys"],
        "feed": options["feed"],
        "tiers": options["tiers"],
        "bank": row["bank"],
        "credentials": row["credentials"] is not None,
        "every": row["every_s"],
        "state": row["state"],
        "pages": stand.page,
        "ledger_index": stand.index if stand.page else None,
        "ledger_size": stand.size,
        "fetching": row["fetching"],
        "next_at": row["next_at"].isoformat(),
        "fetched_at": row["fetched_at"].isoformat() if row["fetched_at"] else None,
        "added": row["added"],
        "withdrawn": row["withdrawn"],
        "rejected": row["rejected"],
        "error": error,
        "created_at": row["created_at"].isoformat(),
    }


def ask_peer(service: Service, caller: Caller, name: str) -> dict[str, Any]:
    """Enqueue a reading of the peer and return it. Needs `admin`.

    Raises `NotFound` (`unknown_peer`), `Conflict` (`peer_suspended`).
    """
    caller.require("admin")
    with service.pool.transaction() as connection:
        row = find_peer(connection, caller, name)
        if row["state"] != "active":
            raise Conflict(
                "The peer is suspended.",
                code="peer_suspended",
                next_step="See why with `fakeprint peer show`; then `fakeprint peer resume`.",
            )
        jobs.enqueue(connection, "fetch_exchange", row["exchange_id"])
    wake_workers(service)
    return shape(row | {"fetching": True})


def show_peer(service: Service, caller: Caller, name: str) -> dict[str, Any]:
    """Return a peer with its last checkpoint and its `forks`, each with both notes. Needs `admin`.

    Raises `NotFound` (`unknown_peer`).
    """
    caller.require("admin")
    with service.pool.transaction() as connection:
        row = find_peer(connection, caller, name)
        forks = peers.forks(connection, row["exchange_id"])
    return shape(row) | {
        "checkpoint": (row["checkpoint"] or {}).get("note"),
        "forks": [
            {
                "reason": fork["reason"],
                "first": fork["first_note"],
                "second": fork["second_note"],
                "proof": fork["proof"],
                "told_by": fork["teller"],
                "found_at": fork["found_at"].isoformat(),
            }
            for fork in forks
        ],
    }


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
    """Add a peer. A worker reads it soon, and then at intervals of `every` seconds. Needs `admin`.

    `keys`: verifier keys, obtained from another source than the peer's address. `credential`: the peer's API
    key for us, stored encrypted and never shown. `tiers`: how the peer's tiers count in lookups of this
    organization.

    By default a foreign review does not count. Entries that do not count as reviewed match as `related` at
    most, unless the bank's policy sets its own `known_tier`.

    Raises as `sharing.federation.model.peer.terms`; `BadInput` (`bad_label`, `bad_interval`,
    `bad_credentials`), `Conflict` (`peer_exists`, `bank_published`, `negative_bank`), `NotFound`,
    `Forbidden`.
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
        said = {"keys": [key.key_id for key in terms.keys], "tiers": terms.stored()["tiers"]}
        subject = {"exchange_id": peer_id, "bank_id": home.bank_id}
        record_event(connection, caller, "peer.added", subject=subject, said=said)
        jobs.enqueue(connection, "fetch_exchange", peer_id)
        row = find_peer(connection, caller, str(peer_id))
    wake_workers(service)
    return shape(row)


def _require_review(connection: Connection, caller: Caller, home: BankRef) -> None:
    """Set the bank's `known_tier` to `reviewed`, unless its policy has one. Unreviewed entries are then never
    known fakes.

    Raises `Conflict` (`negative_bank`).
    """
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


log = logging.getLogger(__name__)

AGAIN_SECONDS: Final = 86_400
"""Seconds after which a peer is asked again, whatever it answered: it may have lost or disabled the
webhook."""


def follow_peer(service: Service, row: Mapping[str, Any]) -> None:
    """Ask a peer once a day to send notifications of new pages, if this deployment has a public URL.

    Errors of the peer are not raised, because it is also read at its interval. `row`: the exchange.
    """
    base = service.settings.public_url.rstrip("/")
    if not base:
        return
    peer_id = row["exchange_id"]
    with service.pool.transaction() as connection:
        if not peers.follow(connection, peer_id, seconds=AGAIN_SECONDS):
            return
    terms = peer.stored(row["address"], row["options"])
    token = open_credentials(service, dict(row)).get("token", "")
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    attempt = outbound.post(
        f"{terms.address}/v1/feeds/{terms.feed}/readers",
        headers,
        orjson.dumps({"url": f"{base}/v1/peers/{peer_id}/news"}),
        private=service.settings.exchange_private,
    )
    said = {"exchange_id": str(peer_id), "outcome": attempt.outcome, "status": attempt.status}
    log.info("asked a peer to tell of new pages", extra=said)


def suspend_peer(service: Service, caller: Caller, name: str) -> dict[str, Any]:
    """Stop reading a peer until it is resumed. Its entries keep matching. Needs `admin`.

    Raises `NotFound` (`unknown_peer`).
    """
    caller.require("admin")
    with service.pool.transaction() as connection:
        row = find_peer(connection, caller, name)
        if row["state"] != "suspended":
            peers.set_state(connection, row["exchange_id"], "suspended")
            record_event(connection, caller, "peer.suspended", subject={"exchange_id": row["exchange_id"]})
        row = find_peer(connection, caller, str(row["exchange_id"]))
    return shape(row)


def resume_peer(service: Service, caller: Caller, name: str, *, restart: bool = False) -> dict[str, Any]:
    """Read a suspended peer again. Needs `admin`.

    `restart`: read from the beginning and ignore everything that the peer signed before. Use it only if you
    know why its ledger was replaced. The proof of a fork is kept. Raises `NotFound` (`unknown_peer`).
    """
    caller.require("admin")
    with service.pool.transaction() as connection:
        row = find_peer(connection, caller, name)
        peers.set_state(connection, row["exchange_id"], "active")
        if restart:
            peers.restart(connection, row["exchange_id"], row["options"]["keys"][0])
        record_event(
            connection,
            caller,
            "peer.resumed",
            subject={"exchange_id": row["exchange_id"]},
            said={"restarted": restart},
        )
        row = find_peer(connection, caller, str(row["exchange_id"]))
    return shape(row)


def remove_peer(service: Service, caller: Caller, name: str) -> dict[str, Any]:
    """Remove a peer and return it. Its API key for us is destroyed. Needs `admin`.

    Its entries stay in the bank unchanged, and later withdrawals no longer reach them; delete the bank to end
    them. Raises `NotFound` (`unknown_peer`).
    """
    caller.require("admin")
    with service.pool.transaction() as connection:
        row = find_peer(connection, caller, name)
        exchanges.remove(connection, row["exchange_id"])
        record_event(connection, caller, "peer.removed", subject={"exchange_id": row["exchange_id"]})
    service.keys.destroy(row["exchange_id"])
    return shape(row | {"state": "removed", "credentials": None})
