"""A peer tells that its feed has a new page: have it read at once."""

from __future__ import annotations

from uuid import UUID

from registry.core.database.pool import Connection
from registry.core.errors import BadInput, Gone, Unavailable
from registry.core.service import Service
from registry.jobs.service.relay_outbox import wake_workers
from registry.jobs.store import jobs
from registry.sharing.federation.model import feed, peer
from registry.sharing.federation.model.feed import Diverged
from registry.sharing.federation.model.peer import PeerTerms
from registry.sharing.federation.service.report_fork import report_fork
from registry.sharing.federation.store import peers
from registry.transparency.ledger.model.note import Checkpoint


def hear_peer(service: Service, peer_id: UUID | None, *, feed_id: str, checkpoint: str) -> bool:
    """Whether it is read soon because of this. Whoever tells it needs no key: the checkpoint is signed by the
    peer's ledger, and one that is not newer than the last that was verified asks for nothing. So nobody else
    can have a peer read, and what is told twice, late or never changes nothing: it is read in its turn too.
    One that contradicts what was seen is a fork, and the peer is suspended as by a page.

    Raises `Gone` (`peer_gone`: told no more, please), `BadInput` (`news_unsigned`).
    """
    with service.pool.transaction() as connection:
        row = peers.told(connection, peer_id) if peer_id else None
        if peer_id is None or row is None:
            raise Gone("No such peer is read here.", code="peer_gone")
        terms = peer.stored(row["address"], row["options"])
        try:
            now = feed.signed(checkpoint, terms.keys)
        except Unavailable:
            raise BadInput(
                "The checkpoint is not signed by the peer's ledger.", code="news_unsigned"
            ) from None
        if row["state"] == "active" and (fork := _fork(connection, peer_id, terms, now, checkpoint)):
            report_fork(connection, peer_id, row["organization_id"], Diverged("same_size"), fork)
            return False
        newer = now.size > feed.stand(row["checkpoint"]).size
        if row["state"] != "active" or feed_id != str(terms.feed) or not newer:
            return False
        asked = jobs.enqueue(connection, "fetch_exchange", peer_id)
    if asked:
        wake_workers(service)
    return True


def _fork(
    connection: Connection, peer_id: UUID, terms: PeerTerms, now: Checkpoint, checkpoint: str
) -> tuple[str, str] | None:
    """The note that anybody here has seen of that size, and this one, where they contradict each other: what
    one reader was shown, another may tell. Not where a fork is known: who resumed the peer knows of it, and
    nobody else has it suspended by old notes."""
    seen = peers.seen(connection, str(terms.keys[0]), now.size)
    if seen is None or seen[0] == now.root or peers.forks(connection, peer_id):
        return None
    return seen[1], checkpoint
