"""Hear from a peer what it was shown of ledgers that are read here too, and see whether it was the same."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from registry.core.database.pool import Connection
from registry.core.net import outbound
from registry.core.service import Service
from registry.sharing.federation.model import peer
from registry.sharing.federation.model.feed import Diverged
from registry.sharing.federation.service.report_fork import report_fork
from registry.sharing.federation.store import peers
from registry.sharing.sources.service.open_credentials import open_credentials
from registry.transparency.ledger.model import witness
from registry.transparency.ledger.model.witness import Seen

log = logging.getLogger(__name__)

SECONDS: Final = 60.0
"""As for a page of its feed."""


def compare_notes(service: Service, row: Mapping[str, Any]) -> int:
    """How many ledgers were found to have forked: two roots of one size prove it at once. What is of another
    size is kept, for its ledger to prove the next time that it is read. Raises nothing for what the peer
    does. `row`: the exchange's."""
    terms = peer.stored(row["address"], row["options"])
    token = open_credentials(service, dict(row)).get("token", "")
    attempt, body = outbound.get(
        f"{terms.address}/v1/ledger/witnessed",
        {"Authorization": f"Bearer {token}"} if token else {},
        private=service.settings.exchange_private,
        most=witness.MOST_BYTES,
        seconds=SECONDS,
    )
    if attempt.outcome != "delivered":
        said = {"exchange_id": str(row["exchange_id"]), "outcome": attempt.outcome, "status": attempt.status}
        log.info("a peer does not tell what it was shown", extra=said)
        return 0
    told = witness.notes(body)
    with service.pool.transaction() as connection:
        readers = peers.of_ledgers(connection, list(told))
    forked = 0
    for reader in readers:
        keys = peer.stored(reader["address"], reader["options"]).keys
        notes = told[keys[0].name]
        found = [one for one in (witness.verified(note, keys) for note in notes) if one is not None]
        if found:
            with service.pool.transaction() as connection:
                forked += _compare(connection, reader, str(keys[0]), found, row["exchange_id"])
    return forked


def _compare(
    connection: Connection, reader: Mapping[str, Any], key: str, found: list[Seen], teller_id: UUID
) -> bool:
    """Whether the ledger has forked. Where that is known already, whoever resumed the peer knows of it, and
    nobody else has it suspended by old notes."""
    peer_id = reader["exchange_id"]
    if peers.forks(connection, peer_id):
        return False
    for one in found:
        seen = peers.seen(connection, key, one.size)
        if seen is None:
            peers.hear(connection, peer_id, teller_id, one)
        elif seen[0] != one.root:
            fork, notes = Diverged("same_size"), (seen[1], one.note)
            report_fork(connection, peer_id, reader["organization_id"], fork, notes, teller_id=teller_id)
            return True
    return False
