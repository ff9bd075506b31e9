"""A peer tells that its feed has a new page: have it read at once."""

from __future__ import annotations

from uuid import UUID

from registry.actions.relay_outbox import wake_workers
from registry.actions.service import Service
from registry.domain import feed, peer
from registry.errors import BadInput, Gone, Unavailable
from registry.store import jobs, peers


def hear_peer(service: Service, peer_id: UUID | None, *, feed_id: str, checkpoint: str) -> bool:
    """Whether it is read soon because of this. Whoever tells it needs no key: the checkpoint is signed by the
    peer's ledger, and one that is not newer than the last that was verified asks for nothing. So nobody else
    can have a peer read, and what is told twice, late or never changes nothing: it is read in its turn too.

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
        newer = now.size > feed.stand(row["checkpoint"]).size
        if row["state"] != "active" or feed_id != str(terms.feed) or not newer:
            return False
        asked = jobs.enqueue(connection, "fetch_exchange", peer_id)
    if asked:
        wake_workers(service)
    return True
