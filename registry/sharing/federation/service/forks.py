"""Compare what different readers were shown of peers' ledgers, and report forks."""

from __future__ import annotations

import logging
from typing import Final
from uuid import UUID

from registry import jobs
from registry.core.audit.service import record_event
from registry.core.database.pool import Connection
from registry.core.errors import Unavailable
from registry.core.net import outbound
from registry.core.service import Service
from registry.jobs.service.queue import wake_workers
from registry.sharing.federation.errors import NewsUnsigned, PeerGone
from registry.sharing.federation.model import feed, peer
from registry.sharing.federation.model.feed import Fork
from registry.sharing.federation.model.peer import PeerTerms
from registry.sharing.federation.store import peers
from registry.sharing.sources import store as exchanges
from registry.sharing.sources.service.exchanges import open_credentials
from registry.sharing.sources.store import Source
from registry.transparency.ledger.model import witness
from registry.transparency.ledger.model.note import Checkpoint
from registry.transparency.ledger.model.witness import Seen

MESSAGE: Final = "The peer has forked or rewritten its ledger, and is suspended."


def report_fork(connection: Connection, source: Source, fork: Fork) -> None:
    """Store the proof of a fork, suspend the peer and record an event, in the caller's transaction."""
    peer_id = source.exchange_id
    fork_no = peers.add_fork(connection, peer_id, fork)
    peers.set_state(connection, peer_id, "suspended")
    exchanges.record_end(connection, peer_id, code="peer_forked", message=MESSAGE)
    record_event(
        connection,
        None,
        "peer.forked",
        organization_id=source.organization_id,
        subject={"exchange_id": peer_id},
        said={"reason_code": fork.reason, "fork": fork_no},
    )


log = logging.getLogger(__name__)

SECONDS: Final = 60.0
"""Timeout in seconds, as for a page of a feed."""


def compare_notes(service: Service, source: Source) -> int:
    """Ask a peer for the checkpoints it has seen, and compare them. Return how many ledgers have forked.

    Two roots for one size prove a fork at once. Checkpoints of other sizes are stored, and the ledger must
    prove them when it is read next. Errors of the peer are not raised.
    """
    terms = peer.stored(source.address, source.options)
    token = open_credentials(service, source).get("token", "")
    attempt, body = outbound.get(
        f"{terms.address}/v1/ledger/witnessed",
        {"Authorization": f"Bearer {token}"} if token else {},
        private=service.settings.exchange_private,
        most=witness.MOST_BYTES,
        seconds=SECONDS,
    )
    if attempt.outcome != "delivered":
        details = {
            "exchange_id": str(source.exchange_id),
            "outcome": attempt.outcome,
            "status": attempt.status,
        }
        log.info("a peer did not answer with its witnessed checkpoints", extra=details)
        return 0
    notes_by_ledger = witness.notes(body)
    with service.pool.transaction() as connection:
        readers = peers.of_ledgers(connection, list(notes_by_ledger))
    forked = 0
    for reader in readers:
        keys = peer.stored(reader.address, reader.options).keys
        notes = notes_by_ledger[keys[0].name]
        checkpoints = [
            checkpoint
            for checkpoint in (witness.verified(note, keys) for note in notes)
            if checkpoint is not None
        ]
        if checkpoints:
            with service.pool.transaction() as connection:
                forked += _compare(connection, reader, str(keys[0]), checkpoints, source.exchange_id)
    return forked


def _compare(
    connection: Connection, reader: Source, key: str, checkpoints: list[Seen], reporter_id: UUID
) -> bool:
    """Return whether the ledger has forked.

    Ledgers with a known fork are skipped: the administrator who resumed the peer knows of it, and
    old notes must not suspend the peer again.
    """
    if peers.forks(connection, reader.exchange_id):
        return False
    for checkpoint in checkpoints:
        stored = peers.find_checkpoint(connection, key, checkpoint.size)
        if stored is None:
            peers.add_report(connection, reader.exchange_id, reporter_id, checkpoint)
        elif stored[0] != checkpoint.root:
            fork = Fork("same_size", (stored[1], checkpoint.note), reported_by=reporter_id)
            report_fork(connection, reader, fork)
            return True
    return False


def receive_news(service: Service, peer_id: UUID | None, *, feed_id: str, checkpoint: str) -> bool:
    """Handle a notification of a new feed page. Return whether a reading was enqueued.

    The sender needs no key, because the peer's ledger signs the checkpoint. A checkpoint that is not newer
    than the last verified one has no effect, so nobody else can trigger readings. Duplicate, late or lost
    notifications do no harm, because the peer is also read at its interval. A checkpoint that contradicts an
    earlier one is a fork, and suspends the peer.

    Raises `Gone` (`peer_gone`: stop sending), `BadInput` (`news_unsigned`).
    """
    with service.pool.transaction() as connection:
        source = peers.find(connection, peer_id) if peer_id else None
        if source is None:
            raise PeerGone("This peer is not read here.")
        terms = peer.stored(source.address, source.options)
        try:
            announced = feed.signed(checkpoint, terms.keys)
        except Unavailable:
            raise NewsUnsigned("The checkpoint is not signed by the peer's ledger.") from None
        if source.state != "active":
            return False
        if fork := _fork(connection, source.exchange_id, terms, announced, checkpoint):
            report_fork(connection, source, fork)
            return False
        newer = announced.size > feed.position(source.checkpoint).size
        if feed_id != str(terms.feed) or not newer:
            return False
        queued = jobs.enqueue(connection, "fetch_exchange", source.exchange_id)
    if queued:
        wake_workers(service)
    return True


def _fork(
    connection: Connection, peer_id: UUID, terms: PeerTerms, now: Checkpoint, checkpoint: str
) -> Fork | None:
    """Return the fork if the note seen before for this size contradicts the new one.

    Any reader here may have seen the earlier one. Ledgers with a known fork are skipped: the administrator
    who resumed the peer knows of it, and old notes must not suspend the peer again.
    """
    stored = peers.find_checkpoint(connection, str(terms.keys[0]), now.size)
    if stored is None or stored[0] == now.root or peers.forks(connection, peer_id):
        return None
    return Fork("same_size", (stored[1], checkpoint))
