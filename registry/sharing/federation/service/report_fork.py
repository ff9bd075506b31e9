"""A peer has signed two notes that contradict each other: keep both, and read it no more."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from registry.core.audit.service.record_event import record_event
from registry.core.database.pool import Connection
from registry.sharing.federation.model.feed import Diverged
from registry.sharing.federation.store import peers
from registry.sharing.sources import store as exchanges

MESSAGE: Final = "The peer has forked or rewritten its ledger, and is suspended."


def report_fork(
    connection: Connection,
    peer_id: UUID,
    organization_id: UUID,
    fork: Diverged,
    notes: tuple[str, str],
    *,
    teller_id: UUID | None = None,
) -> None:
    """In the caller's transaction: what proves it is kept, the peer suspended, with the reason, and both on
    record. `notes`: the one that was seen first, then the other. `teller_id`: the peer that was shown the
    latter; None: it was shown here."""
    fork_no = peers.add_fork(connection, peer_id, fork.reason, notes, fork.proof, teller_id=teller_id)
    peers.set_state(connection, peer_id, "suspended")
    exchanges.ended(connection, peer_id, code="peer_forked", message=MESSAGE)
    record_event(
        connection,
        None,
        "peer.forked",
        organization_id=organization_id,
        subject={"exchange_id": peer_id},
        said={"reason_code": fork.reason, "fork": fork_no},
    )
