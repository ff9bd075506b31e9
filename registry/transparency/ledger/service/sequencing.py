"""Append events and lookups to the ledger, and sign it."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from registry.core import audit
from registry.core.audit.model.ledger import SALT_BYTES, commit, event_leaf, lookup_leaf
from registry.core.database.pool import Connection
from registry.core.errors import Unavailable
from registry.core.service import Service
from registry.core.settings import Settings
from registry.transparency.ledger import store as ledger
from registry.transparency.ledger.model import merkle, note, signing
from registry.transparency.ledger.model.note import BadNote, Checkpoint

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
        added, more = _append(connection, size, service.settings.ledger_lookups)
        note_ = _sign(connection, service.settings, size + added)
    if note_:
        _save(service.settings, note_)
    return added, more


def _append(connection: Connection, size: int, recording: str) -> tuple[int, bool]:
    """Append waiting events and lookups. Returns the number of new leaves, and whether more may wait."""
    waiting = audit.dequeue_events(connection, BATCH)
    lookups = ledger.take_lookups(connection, default=recording, limit=BATCH)
    recorded = [
        _recorded(row, size + len(waiting) + n)
        for n, row in enumerate(row for row in lookups if row["wanted"])
    ]
    hashes = [merkle.leaf_hash(event_leaf(row)) for row in waiting]
    hashes += [merkle.leaf_hash(lookup_leaf(row)) for row in recorded]
    if hashes:
        stored = ledger.hashes_at(connection, merkle.needed([(0, size)]))
        event_ids = [row["event_id"] for row in waiting] + [None] * len(recorded)
        ledger.append(connection, merkle.grown(size, hashes, stored), event_ids, size)
    if recorded:
        ledger.append_lookups(connection, recorded)
    return len(hashes), BATCH in {len(waiting), len(lookups)}


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
        if previous.size > size or merkle.range_hash(0, previous.size, stored) != previous.root:
            LOGGER.error(
                "%s its %d leaves do not begin with the %d that were signed", _ALTERED, size, previous.size
            )
            return None
    now = Checkpoint(settings.ledger_origin, size, merkle.range_hash(0, size, stored))
    signed = note.sign(now.text, signers)
    ledger.add_checkpoint(connection, size, now.root, signed)
    stored_keys = {key.verifier_key for key in keys}
    for signer in signers:
        if str(signer.verifier) not in stored_keys:
            ledger.add_key(connection, str(signer.verifier), size)
    return signed


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
