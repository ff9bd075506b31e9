"""Read the ledger: checkpoints, leaves, proofs, histories."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from itertools import chain
from typing import Any, Final, Protocol
from uuid import UUID

from registry.catalogue.entries.service.visibility import find_entry, hidden_cases
from registry.core.audit.model.ledger import event_leaf, lookup_leaf
from registry.core.database.pool import Connection
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.transparency.ledger import store as ledger
from registry.transparency.ledger.errors import BadRange, LedgerDamaged, NoCheckpoint, UnknownLeaf
from registry.transparency.ledger.model import merkle, note, readers, witness
from registry.transparency.ledger.schemas import (
    Consistency,
    History,
    HistoryEvent,
    Inclusion,
    Leaf,
    Leaves,
    Ledger,
    LedgerKey,
    LostEvent,
    MissingEvent,
    WitnessedLedger,
)
from registry.transparency.ledger.service.reader_keys import find_reader_keys
from registry.transparency.ledger.store import SignedCheckpoint
from registry.transparency.timestamps import store as timestamps


class Notes(Protocol):
    """Reads signed notes of other ledgers."""

    def __call__(self, connection: Connection, *, limit: int) -> list[WitnessedLedger]: ...


WITNESSED: Final[list[Notes]] = []
"""Sources of such notes. `registry/app/wiring.py` fills the table."""


def get_checkpoint(service: Service, _: Caller) -> str:
    """Return the newest signed note, for every caller. Raises `NotFound` (`no_checkpoint`)."""
    with service.pool.transaction() as connection:
        return newest(connection).note


def newest(connection: Connection) -> SignedCheckpoint:
    """Return the newest checkpoint. Raises `NotFound` (`no_checkpoint`)."""
    checkpoint = ledger.checkpoint(connection)
    if checkpoint is None:
        raise NoCheckpoint
    return checkpoint


def get_ledger(service: Service, caller: Caller) -> Ledger:
    """Return the ledger's state and keys, for every caller.

    The keys are for comparison with keys from another source. A verifier who uses only these trusts the
    service.
    """
    with service.pool.transaction() as connection:
        size, _ = ledger.sizes(connection)
        signed = ledger.checkpoint(connection)
        keys = ledger.keys(connection)
        timestamp = timestamps.newest(connection)
        timestamping = timestamps.state(connection)
        own = ledger.recording(connection, caller.organization_id)
    reader_keys = find_reader_keys(service)
    return Ledger(
        origin=service.settings.ledger_origin,
        size=size,
        signed_size=signed.size if signed else None,
        signed_at=signed.signed_at if signed else None,
        stamped_size=timestamp.size if timestamp else None,
        stamped_at=timestamp.stamped_at if timestamp else None,
        timestamp_error=timestamping.error_code,
        keys=[
            LedgerKey(key=key.verifier_key, first_size=key.first_size, first_used=key.first_used)
            for key in keys
        ],
        lookups=own or service.settings.ledger_lookups,
        reader_key=reader_keys.of(caller.organization_id).hex() if reader_keys else None,
    )


MOST: Final = 1000
"""Most leaves, or events of a history, in one answer."""


def list_leaves(
    service: Service, caller: Caller, *, start: int, count: int, unrecorded: bool = False
) -> Leaves:
    """Return at most `count` leaves from `start` on.

    Leaves of the caller's organization, and of what its callers did elsewhere, have their text. Others have
    only the hash and marks, which reveal nothing of the text. `unrecorded`: also list events of the
    organization that have no leaf and wait for none.
    """
    keys = find_reader_keys(service)
    key = keys.of(caller.organization_id) if keys else None
    with service.pool.transaction() as connection:
        size, _ = ledger.sizes(connection)
        rows = ledger.leaves(connection, start, start + min(count, MOST), caller.organization_id)
        strays = ledger.own_strays(connection, caller.organization_id) if unrecorded else None
    entries = [leaf_of(row, None if key is None else partial(_lost, row, key)) for row in rows]
    return Leaves(size=size, start=start, entries=entries, unrecorded=strays)


def leaf_of(row: Mapping[str, Any], lost: Callable[[], LostEvent | None] | None = None) -> Leaf:
    """Return a row of `ledger.leaves` as a leaf. The text is null if it is gone or hidden from the
    caller. `lost`: what is known of a text that is gone."""
    text = _text(row)
    return Leaf(
        index=row["leaf_index"],
        hash=row["hash"].hex(),
        leaf=text,
        readers=row["readers"].hex(),
        lost=lost() if lost and text is None else None,
    )


def _lost(row: Mapping[str, Any], key: bytes) -> LostEvent | None:
    """Return what is left of a leaf without text; None: it is another organization's."""
    if not readers.is_marked(row["readers"], key, row["hash"]):
        return None
    return LostEvent(event_id=row["leaf_event_id"], entry_id=row["leaf_entry_id"])


def _text(row: Mapping[str, Any]) -> str | None:
    """Return the text of a row of `ledger.leaves`, as it was hashed."""
    if row["event_id"] is not None:
        return event_leaf(row).decode()
    if row["lookup"] is not None:
        return lookup_leaf(_lookup(row["lookup"])).decode()
    return None


def _lookup(row: Mapping[str, Any]) -> dict[str, Any]:
    """Convert a row of `ledger_lookup` from its JSON form."""
    query = row["query_commitment"]
    return {
        **row,
        "lookup_id": UUID(row["lookup_id"]),
        "caller_id": UUID(row["caller_id"]),
        "organization_id": UUID(row["organization_id"]),
        "at": datetime.fromisoformat(row["at"]),
        "query_commitment": None if query is None else bytes.fromhex(query.removeprefix("\\x")),
        "answer_commitment": bytes.fromhex(row["answer_commitment"].removeprefix("\\x")),
    }


def list_witnessed(service: Service, caller: Caller) -> list[WitnessedLedger]:
    """Return the newest checkpoint seen of each other ledger, and both notes of a forked one.

    Others can check that they saw the same ledger. Needs the scope `peer`.
    """
    caller.require("peer")
    with service.pool.transaction() as connection:
        return [ledger_ for notes in WITNESSED for ledger_ in notes(connection, limit=witness.MOST)]


def prove_inclusion(
    service: Service,
    caller: Caller,
    *,
    index: int | None = None,
    event_id: int | None = None,
    lookup_id: UUID | None = None,
    size: int | None = None,
) -> Inclusion:
    """Return the inclusion proof of a leaf in the tree of `size` leaves (default: the newest checkpoint).

    The leaf is given by its index, or by an event or a lookup that the caller may see. Raises `BadInput`
    (`bad_range`), `NotFound` (`unknown_leaf`, `no_checkpoint`).
    """
    if sum(reference is not None for reference in (index, event_id, lookup_id)) != 1:
        raise BadRange("Give one of `index`, `event_id` and `lookup_id`.")
    with service.pool.transaction() as connection:
        leaf_index = index
        if event_id is not None:
            leaf_index = ledger.find_event(connection, event_id, caller.organization_id)
        elif lookup_id is not None:
            leaf_index = ledger.find_lookup(connection, lookup_id, caller.organization_id)
        total, _ = ledger.sizes(connection)
        if leaf_index is None or leaf_index >= total:
            raise UnknownLeaf("The ledger has no such leaf.")
        signed = newest(connection)
        size = signed.size if size is None else size
        if not leaf_index < size <= total:
            raise BadRange(
                f"The leaf {leaf_index} is not among the first {size} of {total}.",
                next_step="It is signed within two seconds; try again.",
            )
        proof = inclusion(connection, leaf_index, size)
        hash_ = ledger.hashes_at(connection, [(0, leaf_index)])[(0, leaf_index)]
    answer = Inclusion(
        index=leaf_index, size=size, hash=hash_.hex(), proof=[reference.hex() for reference in proof]
    )
    if size == signed.size:
        answer.tlog_proof = note.tlog_proof(leaf_index, proof, signed.note)
    return answer


def inclusion(connection: Connection, index: int, size: int) -> list[bytes]:
    """Return the hashes of an inclusion proof, from the leaf up. Raises `Unavailable` (`ledger_damaged`)."""
    return proof_of(connection, merkle.inclusion_ranges(index, size))


def proof_of(connection: Connection, ranges: list[merkle.Range]) -> list[bytes]:
    """Return the hashes of these ranges of leaves. Raises `Unavailable` (`ledger_damaged`)."""
    hashes = ledger.hashes_at(connection, merkle.needed(ranges))
    try:
        return [merkle.range_hash(start, stop, hashes) for start, stop in ranges]
    except KeyError as error:
        raise LedgerDamaged("The ledger lacks a hash.") from error


def prove_consistency(service: Service, _: Caller, *, first: int, second: int) -> Consistency:
    """Return the proof that the first `second` leaves begin with the first `first`.

    Raises `BadInput` (`bad_range`), `Unavailable` (`ledger_damaged`).
    """
    with service.pool.transaction() as connection:
        total, _signed = ledger.sizes(connection)
        if not 0 <= first <= second <= total:
            raise BadRange(
                f"The ledger has {total} leaves. `from` and `to` are sizes up to that, the smaller first."
            )
        proof = proof_of(connection, merkle.consistency_ranges(first, second))
    return Consistency(first=first, second=second, proof=[hash_.hex() for hash_ in proof])


def get_history(service: Service, caller: Caller, entry_id: UUID) -> History:
    """Return the events of an entry that the caller's organization may see, with their inclusion proofs.

    These are all events of its own entries, and of others' entries those that its callers caused. Events that
    no checkpoint covers yet have no proof. Leaves whose event is gone are `missing`. The history remains when
    the entry is gone.

    Raises `NotFound` (`unknown_entry`) if neither an event nor the entry is visible, and for a private intake
    case if the caller is no reviewer.
    """
    hidden = hidden_cases(service, caller, [entry_id])
    with service.pool.transaction() as connection:
        rows = ledger.history(connection, entry_id, caller.organization_id, MOST)
        missing = _missing(service, connection, caller, entry_id)
        if hidden or not (rows or missing):
            find_entry(connection, caller, entry_id)
        signed = ledger.checkpoint(connection)
        size = signed.size if signed else 0
        proofs = _proofs(connection, [row["leaf_index"] for row in rows], size)
        events = [_event(row, proofs.get(row["leaf_index"])) for row in rows]
        keys = [key.verifier_key for key in ledger.keys(connection)]
    return History(
        type="history",
        entry_id=entry_id,
        origin=service.settings.ledger_origin,
        keys=keys,
        checkpoint=signed.note if signed else None,
        events=events,
        missing=missing,
    )


def _proofs(connection: Connection, indexes: Sequence[int | None], size: int) -> dict[int, list[bytes]]:
    """Return the inclusion proofs of those leaves that are among the first `size`. One that lacks a hash is
    left out: an altered ledger still shows its events, and verification finds it."""
    ranges = {
        index: merkle.inclusion_ranges(index, size) for index in indexes if index is not None and index < size
    }
    stored = ledger.hashes_at(connection, merkle.needed(chain.from_iterable(ranges.values())))
    proofs = {}
    for index, path in ranges.items():
        with suppress(KeyError):
            proofs[index] = [merkle.range_hash(start, stop, stored) for start, stop in path]
    return proofs


def _event(row: Mapping[str, Any], proof: Sequence[bytes] | None) -> HistoryEvent:
    """Return an event with its inclusion proof."""
    return HistoryEvent(
        index=row["leaf_index"],
        kind=row["kind"],
        at=row["at"],
        caller_id=row["caller_id"],
        request_id=row["request_id"],
        subject=row["subject"],
        said=row["said"],
        leaf=event_leaf(row).decode(),
        proof=None if proof is None else [hash_.hex() for hash_ in proof],
    )


def _missing(service: Service, connection: Connection, caller: Caller, entry_id: UUID) -> list[MissingEvent]:
    """Return the leaves of an entry that are the organization's, and whose event is gone."""
    keys = find_reader_keys(service)
    if keys is None:
        return []
    key = keys.of(caller.organization_id)
    return [
        MissingEvent(index=row["leaf_index"], hash=row["hash"].hex(), event_id=row["event_id"])
        for row in ledger.lost(connection, entry_id, MOST)
        if readers.is_marked(row["readers"], key, row["hash"])
    ]
