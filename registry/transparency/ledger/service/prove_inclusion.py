"""Prove that a leaf is in the ledger as it was signed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from registry.core.database.pool import Connection
from registry.core.errors import BadInput, NotFound, Unavailable
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.transparency.ledger import store as ledger
from registry.transparency.ledger.model import merkle, note
from registry.transparency.ledger.service.show_checkpoint import newest


def prove_inclusion(
    service: Service,
    caller: Caller,
    *,
    index: int | None = None,
    event_id: int | None = None,
    lookup_id: UUID | None = None,
    size: int | None = None,
) -> dict[str, Any]:
    """That the leaf at a place, or of an event or a lookup that the caller may see, is among the first `size`
    (else those of the newest checkpoint). Raises `BadInput` (`bad_range`), `NotFound` (`unknown_leaf`,
    `no_checkpoint`)."""
    if sum(one is not None for one in (index, event_id, lookup_id)) != 1:
        raise BadInput("Give one of `index`, `event_id` and `lookup_id`.", code="bad_range")
    with service.pool.transaction() as connection:
        place = index
        if event_id is not None:
            place = ledger.find_event(connection, event_id, caller.organization_id)
        elif lookup_id is not None:
            place = ledger.find_lookup(connection, lookup_id, caller.organization_id)
        whole, _ = ledger.sizes(connection)
        if place is None or place >= whole:
            raise NotFound("The ledger has no such leaf.", code="unknown_leaf")
        signed = newest(connection)
        size = signed["size"] if size is None else size
        if not place < size <= whole:
            raise BadInput(
                f"The leaf {place} is not among the first {size} of {whole}.",
                code="bad_range",
                next_step="It is signed within a second or two; ask again.",
            )
        proof = inclusion(connection, place, size)
        hash_ = ledger.kept(connection, [(0, place)])[(0, place)]
    shown = {"index": place, "size": size, "hash": hash_.hex(), "proof": [one.hex() for one in proof]}
    if size == signed["size"]:
        shown["tlog_proof"] = note.tlog_proof(place, proof, signed["note"])
    return shown


def inclusion(connection: Connection, index: int, size: int) -> list[bytes]:
    """The proof's hashes, from the leaf up. Raises `Unavailable` (`ledger_damaged`)."""
    return proof_of(connection, merkle.inclusion_ranges(index, size))


def proof_of(connection: Connection, ranges: list[merkle.Range]) -> list[bytes]:
    """The hashes of these ranges of leaves. Raises `Unavailable` (`ledger_damaged`)."""
    kept = ledger.kept(connection, merkle.needed(ranges))
    try:
        return [merkle.range_hash(start, stop, kept) for start, stop in ranges]
    except KeyError as error:
        raise Unavailable(
            "The ledger lacks a hash that it must have.",
            code="ledger_damaged",
            next_step="Somebody has altered it: run `fakeprint verify` with a checkpoint that you kept.",
        ) from error
