"""Create the proof of an entry for offline verification."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from registry.catalogue import fingerprints
from registry.catalogue.entries.service.entries import WORKING
from registry.catalogue.entries.service.visibility import own_entry
from registry.catalogue.fingerprints.model import canonical
from registry.catalogue.fingerprints.service import ALL
from registry.core import audit
from registry.core.audit.model.ledger import event_leaf
from registry.core.database.pool import Connection
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.transparency.entry_proof.errors import NotRecorded
from registry.transparency.entry_proof.model import entry_proof
from registry.transparency.entry_proof.model.chain_parts import ADDED, FINGERPRINTED, KINDS
from registry.transparency.entry_proof.model.entry_proof import (
    Anchor,
    EntryProof,
    Leaf,
    Medium,
    Opening,
    ProvedFingerprint,
)
from registry.transparency.errors import NotSigned
from registry.transparency.ledger import store as ledger
from registry.transparency.ledger.model import merkle, note
from registry.transparency.ledger.service.ledger import inclusion, proof_of
from registry.transparency.timestamps import store as timestamps

MOST_MEDIA: Final = 200
"""Most media of one proof, the first of the entry."""
MOST_FRAMES: Final = 20_000
"""Most frames of all fingerprint documents in one proof, 30 MB. Further media have only the digest."""

Row = Mapping[str, Any]


def prove_entry(service: Service, caller: Caller, entry_id: UUID, *, with_fingerprints: bool = True) -> bytes:
    """Return the proof file (`entry_proof.model.entry_proof`) of an entry that the caller owns.

    It proves that the entry was registered, each medium added and fingerprinted, and the entry opened to
    lookups. Each event has the first timestamped checkpoint that covers it, else the first that covers it.
    The bytes stay the same until one of these facts changes. The file holds no faces. `with_fingerprints`:
    include the documents, else only their digests.

    Needs `register`, `review`, `takedown` or `admin`. Raises `NotFound` (`unknown_entry`), `Forbidden`
    (`foreign_bank`), `Conflict` (`not_recorded`: it came with a list, which is recorded only as a whole;
    `not_signed`: no checkpoint covers it yet), `Unavailable` (`ledger_damaged`).
    """
    caller.require_any(*sorted(WORKING))
    with service.pool.snapshot() as connection:
        own_entry(connection, caller, entry_id)
        rows = ledger.entry_events(connection, entry_id, KINDS)
        if not rows:
            raise NotRecorded(
                "No event of its own is recorded for this entry: it came from a hash list or a peer."
            )
        media, chosen = _media(connection, rows, with_fingerprints=with_fingerprints)
        anchors, leaves = _prove(connection, chosen)
        keys = _keys(connection, anchors)
    return entry_proof.pack(EntryProof(str(entry_id), keys, anchors, leaves, media))


def _media(
    connection: Connection, rows: Sequence[Row], *, with_fingerprints: bool
) -> tuple[tuple[Medium, ...], list[Row]]:
    """Return the media, and the events about them or the entry, without duplicates."""
    added_ids = [UUID(row["subject"]["asset_id"]) for row in rows if row["kind"] == ADDED]
    assets = list(dict.fromkeys(added_ids))[:MOST_MEDIA]
    files = audit.file_commitments(connection, assets)
    frames_left = MOST_FRAMES if with_fingerprints else 0
    media, commitments = [], {}
    for asset_id in assets:
        fingerprint, commitment, frames = _fingerprint(connection, asset_id, frames_left)
        frames_left -= frames
        commitments[asset_id] = commitment
        file = files.get(asset_id)
        opening = Opening(bytes.fromhex(file["sha256"]), file["salt"]) if file else None
        media.append(Medium(str(asset_id), opening, fingerprint))
    proving: list[Row] = []
    proved: set[tuple[str, ...]] = set()
    for row in rows:
        fact = _fact(row, commitments)
        if fact is not None and fact not in proved:
            proved.add(fact)
            proving.append(row)
    return tuple(media), proving


def _fact(row: Row, commitments: Mapping[UUID, str | None]) -> tuple[str, ...] | None:
    """Return what an event proves, as a key for deduplication.

    None for an event about another medium, or about an earlier fingerprint of the medium.
    """
    kind: str = row["kind"]
    if kind not in {ADDED, FINGERPRINTED}:
        return (kind,)
    asset_id = UUID(row["subject"]["asset_id"])
    if asset_id not in commitments:
        return None
    if kind == ADDED:
        return (kind, str(asset_id))
    recorded: str = row["said"]["fingerprint"]
    current = commitments[asset_id]
    return (kind, str(asset_id), str(row["said"]["recomputed"])) if current in {None, recorded} else None


def _fingerprint(
    connection: Connection, asset_id: UUID, frames_left: int
) -> tuple[ProvedFingerprint | None, str | None, int]:
    """Return the fingerprint, its commitment (hex), and the number of frames in its document, at most `room`.

    If no event commits to the stored fingerprint, the newest commitment is returned. The verifier then sees
    that they differ.
    """
    rows = audit.fingerprint_commitments(connection, asset_id)
    if not rows:
        return None, None, 0
    row, document, frames = rows[0], None, 0
    fingerprint = fingerprints.read(connection, asset_id, frames=ALL) if frames_left > 0 else None
    if fingerprint is not None:
        content = canonical.document(fingerprint)
        digest = canonical.digest(content)
        row = next((row for row in rows if row["digest"] == digest), row)
        if len(fingerprint.frames) <= frames_left:
            document, frames = content, len(fingerprint.frames)
    return ProvedFingerprint(Opening(row["digest"], row["salt"]), document), row["commitment"].hex(), frames


def _prove(connection: Connection, rows: Sequence[Row]) -> tuple[tuple[Anchor, ...], tuple[Leaf, ...]]:
    """Return the events in the ledger's order, and the checkpoints that prove them. Raises `Conflict`
    (`not_signed`)."""
    anchors: list[Anchor] = []
    leaves: list[Leaf] = []
    size = 0
    for row in rows:
        index: int = row["leaf_index"]
        if index >= size:
            stamp = timestamps.newest(connection, covering=index)
            signed = stamp or ledger.checkpoint(connection, covering=index)
            if signed is None:
                raise NotSigned(next_step="It is signed within two seconds; try again.")
            ranges = merkle.consistency_ranges(size, signed.size) if size else []
            size = signed.size
            consistency = tuple(proof_of(connection, ranges))
            anchors.append(Anchor(signed.note, consistency, stamp.response if stamp else None))
        proof = tuple(inclusion(connection, index, size))
        leaves.append(Leaf(index, event_leaf(row).decode(), proof, len(anchors) - 1))
    return tuple(anchors), tuple(leaves)


def _keys(connection: Connection, anchors: Sequence[Anchor]) -> tuple[str, ...]:
    """Return the keys that have signed these anchors."""
    signers = {(name, key_id) for anchor in anchors for name, key_id, _ in note.read(anchor.note).signatures}
    texts = [key.verifier_key for key in ledger.keys(connection)]
    keys = [(text, note.verifier_key(text)) for text in texts]
    return tuple(sorted(text for text, key in keys if (key.name, key.key_id) in signers))
