"""Append events and lookups to the ledger, and sign it."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from registry.core import audit
from registry.core.audit.model.ledger import SALT_BYTES, commit, event_leaf, lookup_leaf
from registry.core.database.pool import Connection
from registry.core.errors import Unavailable
from registry.core.service import Service
from registry.core.settings import Settings
from registry.transparency.ledger import store as ledger
from registry.transparency.ledger.model import merkle, note, readers, signing
from registry.transparency.ledger.model.note import BadNote, Checkpoint
from registry.transparency.ledger.service.reader_keys import (
    ReaderKeys,
    create_reader_keys,
    find_reader_keys,
)
from registry.transparency.ledger.store import NewLeaf

LOGGER = logging.getLogger(__name__)

BATCH: Final = 2000
"""Most events, and most lookups examined, in one transaction."""
_ALTERED: Final = "THE LEDGER WAS ALTERED. It is not signed until that is repaired (fakeprint verify):"


def sequence_events(service: Service) -> int:
    """Append waiting events and lookups, sign the ledger, and return the number of new leaves.

    Only one process does this at a time; the others return at once. Events are ordered by the visibility of
    their commits, so an event with an earlier id and a later commit is not skipped. Lookups follow, up to the
    oldest running transaction. The ledger is not signed if it does not follow from the last signed
    checkpoint; this is logged as an error.
    """
    total, more = 0, True
    while more:
        try:
            added, more = _append_batch(service)
        except KeyError as place:
            LOGGER.error("%s the hash at %s is missing", _ALTERED, place)  # noqa: TRY400 - not a bug
            return total
        total += added
    return total


def ledger_folder(settings: Settings) -> Path:
    """Return the folder of the keys and the signed checkpoints."""
    return Path(settings.ledger) if settings.ledger else settings.data / "ledger"


def _append_batch(service: Service) -> tuple[int, bool]:
    """Append one batch. Returns the number of new leaves, and whether more may wait.

    Raises `KeyError` if a hash of the tree is missing.
    """
    with service.pool.transaction() as connection:
        waiting = ledger.begin(connection)
        if not waiting.locked:
            return 0, False
        size, signed = ledger.sizes(connection)
        if not waiting.events and not waiting.lookups and size == (signed or 0):
            return 0, False
        keys = _reader_keys(service, size)
        added, more = _append(connection, size, service.settings.ledger_lookups, keys)
        note_ = _sign(connection, service.settings, size + added)
    if note_:
        _save(service.settings, note_)
    return added, more


def _reader_keys(service: Service, size: int) -> ReaderKeys:
    """Return the reader keys. Raises `Unavailable` (`keys_unavailable`)."""
    keys = find_reader_keys(service)
    if keys is None and size:
        LOGGER.error(
            "the ledger's reader keys are lost: organizations cannot count their first %d leaves", size
        )
    return keys or create_reader_keys(service)


def _append(connection: Connection, size: int, recording: str, keys: ReaderKeys) -> tuple[int, bool]:
    """Append waiting events and lookups. Returns the number of new leaves, and whether more may wait."""
    dequeued = audit.dequeue_events(connection, BATCH)
    again = ledger.placed(connection, [row["event_id"] for row in dequeued])
    if again:
        LOGGER.error("events that have a leaf were queued again, and are skipped: %s", sorted(again))
    waiting = [row for row in dequeued if row["event_id"] not in again]
    lookups = ledger.take_lookups(connection, default=recording, limit=BATCH)
    recorded = [
        _recorded(row, size + len(waiting) + n)
        for n, row in enumerate(row for row in lookups if row["wanted"])
    ]
    hashes = [merkle.leaf_hash(event_leaf(row)) for row in waiting]
    hashes += [merkle.leaf_hash(lookup_leaf(row)) for row in recorded]
    if hashes:
        stored = ledger.hashes_at(connection, merkle.needed([(0, size)]))
        leaves = _marked(connection, keys, size, [*waiting, *recorded], hashes)
        ledger.append(connection, merkle.grown(size, hashes, stored), leaves)
    if recorded:
        ledger.append_lookups(connection, recorded)
    return len(hashes), BATCH in {len(dequeued), len(lookups)}


def _marked(
    connection: Connection,
    keys: ReaderKeys,
    size: int,
    rows: Sequence[Mapping[str, Any]],
    hashes: Sequence[bytes],
) -> list[NewLeaf]:
    """Return the leaves after the first `size`, with the marks of the owner and of the caller's organization.

    Raises `KeyError` if the leaf before them is missing.
    """
    homes = ledger.organizations_of(connection, {row["caller_id"] for row in rows if row["caller_id"]})
    marked = []
    for row, hash_ in zip(rows, hashes, strict=True):
        owner, actor = row["organization_id"], homes.get(row["caller_id"])
        marked.append(
            readers.marks(
                keys.of(owner) if owner else None,
                keys.of(actor) if actor not in {None, owner} else None,
                hash_,
            )
        )
    before = ledger.readers_hash(connection, size - 1) if size else readers.NONE
    if before is None:
        raise KeyError((0, size - 1))
    return [
        NewLeaf(size + n, row.get("event_id"), row.get("entry_id"), each, chain)
        for n, (row, each, chain) in enumerate(
            zip(rows, marked, readers.chained(before, marked), strict=True)
        )
    ]


def _recorded(row: Mapping[str, Any], index: int) -> dict[str, Any]:
    """Return the row of `ledger_lookup` for a lookup."""
    salt = secrets.token_bytes(SALT_BYTES)
    query = row["sha256"]
    return {
        **row,
        "leaf_index": index,
        "query_commitment": commit(query, salt=salt).digest if query else None,
        "answer_commitment": commit(row["answer"], salt=salt).digest,
        "salt": salt,
    }


def _sign(connection: Connection, settings: Settings, size: int) -> str | None:
    """Sign the new checkpoint. None if this process has no key, or if the ledger does not follow from the
    last one."""
    if not size:
        return None
    keys = ledger.keys(connection)
    try:
        signers = signing.signers(ledger_folder(settings), settings.ledger_origin, create=not keys)
        before = _signed_before(settings)
    except Unavailable as error:
        LOGGER.error("the ledger is not signed: %s", error.message)  # noqa: TRY400 - not a bug
        return None
    if not signers:
        return None
    ranges = [(0, size), *((0, previous.size) for previous in before if previous.size <= size)]
    stored = ledger.hashes_at(connection, merkle.needed(ranges))
    for previous in before:
        if previous.size > size or _contradicts(connection, previous, stored):
            LOGGER.error(
                "%s its %d leaves do not begin with the %d that were signed", _ALTERED, size, previous.size
            )
            return None
    root, marks = merkle.range_hash(0, size, stored), ledger.readers_hash(connection, size - 1)
    now = Checkpoint(settings.ledger_origin, size, root, marks)
    signed = note.sign(now.text, signers)
    ledger.add_checkpoint(connection, size, now.root, signed)
    stored_keys = {key.verifier_key for key in keys}
    for signer in signers:
        if str(signer.verifier) not in stored_keys:
            ledger.add_key(connection, str(signer.verifier), size)
    return signed


def follows(connection: Connection, signed: str) -> bool:
    """Whether the ledger in the database begins with the leaves of a signed note. Raises `BadInput`
    (`bad_note`)."""
    previous = note.checkpoint(note.read(signed).text)
    size, _ = ledger.sizes(connection)
    if previous.size > size:
        return False
    return not _contradicts(
        connection, previous, ledger.hashes_at(connection, merkle.needed([(0, previous.size)]))
    )


def _contradicts(connection: Connection, previous: Checkpoint, stored: merkle.Hashes) -> bool:
    """Return whether the present leaves, or their marks, differ from those that a checkpoint covers."""
    root = merkle.range_hash(0, previous.size, stored)
    marks = ledger.readers_hash(connection, previous.size - 1)
    if marks is None and previous.size:
        return True
    return previous.contradicts(Checkpoint(previous.origin, previous.size, root, marks))


def _signed_before(settings: Settings) -> list[Checkpoint]:
    """Return the last checkpoints signed under the ledger's name, from the files outside the database."""
    checkpoints = []
    for path in _files(settings):
        if (last := signing.last_kept(path)) is None:
            continue
        try:
            checkpoint = note.checkpoint(note.read(last).text)
        except BadNote:
            LOGGER.warning("the last checkpoint in %s is damaged", path.name)
            continue
        if checkpoint.origin == settings.ledger_origin:
            checkpoints.append(checkpoint)
    return checkpoints


def _save(settings: Settings, signed: str) -> None:
    for path in _files(settings):
        try:
            signing.keep(path, signed)
        except Unavailable as error:
            LOGGER.error("a checkpoint was not saved: %s", error.message)  # noqa: TRY400 - not a bug


def _files(settings: Settings) -> list[Path]:
    own = [ledger_folder(settings) / signing.KEPT]
    return own + ([Path(settings.ledger_witness)] if settings.ledger_witness else [])
