"""One page of a published bank's feed, with all that proves it."""

from __future__ import annotations

from uuid import UUID

from registry.core.audit.model.ledger import event_leaf
from registry.core.errors import BadInput
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.sharing.federation.model import feed
from registry.sharing.federation.model.feed import Head
from registry.sharing.federation.service.find_feed import require_feed
from registry.sharing.federation.store import feeds
from registry.transparency.ledger import store as ledger
from registry.transparency.ledger.model import merkle
from registry.transparency.ledger.service.prove_inclusion import proof_of
from registry.transparency.ledger.service.show_checkpoint import newest


def read_feed(service: Service, caller: Caller, bank_id: UUID, *, after: int, seen: int) -> bytes:
    """The page after page `after`: a head and a line an item, as `sharing.federation.model.feed` reads
    them. `seen`: the size
    of a checkpoint that the reader has verified, from which the newest is proved to have grown; 0: none.

    Needs the scope `peer`, and a bank that the caller's organization may see. Raises `NotFound`
    (`unknown_feed`, `no_checkpoint`), `BadInput` (`bad_range`), `Unavailable` (`ledger_damaged`).
    """
    caller.require("peer")
    with service.pool.transaction() as connection:
        require_feed(connection, caller, bank_id)
        signed = newest(connection)
        whole, _ = ledger.sizes(connection)
        if not 0 <= seen <= whole:
            raise BadInput(
                f"The ledger has {whole} leaves; `seen` is a size up to that.",
                code="bad_range",
                next_step="Whoever has seen more has seen another ledger: tell its operator.",
            )
        grown = merkle.consistency_ranges(seen, signed["size"]) if seen < signed["size"] else []
        consistency = tuple(proof_of(connection, grown))
        found = feeds.page(connection, bank_id, after + 1, size=signed["size"])
        if found is None:
            return feed.head_line(Head(signed["note"], consistency)) + b"\n"
        index = found["leaf_index"]
        items = feeds.items(connection, bank_id, found["page_no"])
        head = Head(
            signed["note"],
            consistency,
            found["page_no"],
            index,
            event_leaf(found).decode(),
            tuple(proof_of(connection, merkle.inclusion_ranges(index, signed["size"]))),
            found["items"],
            tuple(entry_id for entry_id, _, content in items if content is None),
        )
    lines = [feed.hash_line(hashed) if content is None else content for _, hashed, content in items]
    return b"".join(line + b"\n" for line in (feed.head_line(head), *lines))
