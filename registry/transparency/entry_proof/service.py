"""Prove of one entry what was known of it when, for whoever checks it without a network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from registry.catalogue.entries.service.entries import WORKING
from registry.catalogue.entries.service.visibility import own_entry
from registry.catalogue.fingerprints.model import canonical
from registry.catalogue.fingerprints.service import ALL
from registry.catalogue.fingerprints.store import fingerprints
from registry.core.audit.model.ledger import event_leaf
from registry.core.audit.store import commitments as committed
from registry.core.database.pool import Connection
from registry.core.errors import Conflict
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.transparency.entry_proof.model import entry_proof
from registry.transparency.entry_proof.model.chain_parts import ADDED, FINGERPRINTED, KINDS
from registry.transparency.entry_proof.model.entry_proof import (
    Anchor,
    EntryProof,
    Known,
    Leaf,
    Medium,
    Opening,
)
from registry.transparency.ledger import store as ledger
from registry.transparency.ledger.model import merkle, note
from registry.transparency.ledger.service.ledger import inclusion, proof_of
from registry.transparency.timestamps import store as ledger_stamps

MOST_MEDIA: Final = 200
"""Media of one proof, the first of the entry."""
MOST_FRAMES: Final = 20_000
"""Frames of the fingerprints in one proof, 30 MB; of media after these it holds the digest alone."""

Row = Mapping[str, Any]


def prove_entry(service: Service, caller: Caller, entry_id: UUID, *, with_fingerprints: bool = True) -> bytes:
    """The file (`registry.transparency.entry_proof.model.entry_proof`) of an entry of the caller's own:
    that it was registered, each
    medium added and fingerprinted, and all of it open to lookups; each by the first checkpoint that covers it
    and bears a time stamp, else the first that covers it. The same bytes until something of that changes. No
    face is in it. `with_fingerprints`: as documents, else their digests alone.

    Needs `register`, `review`, `takedown` or `admin`. Raises `NotFound` (`unknown_entry`), `Forbidden`
    (`foreign_bank`), `Conflict` (`not_recorded`: it came with a list, of which the record holds the whole;
    `not_signed`: the ledger has not come so far), `Unavailable` (`ledger_damaged`).
    """
    caller.require_any(*sorted(WORKING))
    with service.pool.snapshot() as connection:
        own_entry(connection, caller, entry_id)
        rows = ledger.entry_events(connection, entry_id, KINDS)
        if not rows:
            raise Conflict(
                "No event is on record of this entry alone: it came with a list of hashes, or from a peer.",
                code="not_recorded",
                next_step="A list's import is on record as a whole, a peer's pages in the peer's own ledger.",
            )
        media, chosen = _media(connection, rows, with_fingerprints=with_fingerprints)
        anchors, leaves = _proved(connection, chosen)
        keys = _keys(connection, anchors)
    return entry_proof.pack(EntryProof(str(entry_id), keys, anchors, leaves, media))


def _media(
    connection: Connection, rows: Sequence[Row], *, with_fingerprints: bool
) -> tuple[tuple[Medium, ...], list[Row]]:
    """The media, and the events that speak of them or of the entry, each said once."""
    named = [UUID(row["subject"]["asset_id"]) for row in rows if row["kind"] == ADDED]
    assets = list(dict.fromkeys(named))[:MOST_MEDIA]
    files = committed.files(connection, assets)
    room = MOST_FRAMES if with_fingerprints else 0
    media, commitments = [], {}
    for asset_id in assets:
        known, commitment, frames = _known(connection, asset_id, room)
        room -= frames
        commitments[asset_id] = commitment
        file = files.get(asset_id)
        opening = Opening(bytes.fromhex(file["sha256"]), file["salt"]) if file else None
        media.append(Medium(str(asset_id), opening, known))
    chosen: list[Row] = []
    seen: set[tuple[str, ...]] = set()
    for row in rows:
        said = _said(row, commitments)
        if said is not None and said not in seen:
            seen.add(said)
            chosen.append(row)
    return tuple(media), chosen


def _said(row: Row, commitments: Mapping[UUID, str | None]) -> tuple[str, ...] | None:
    """What an event says, as far as it counts for a proof; None where it is of another medium, or of a
    fingerprint that the medium had before."""
    kind: str = row["kind"]
    if kind not in {ADDED, FINGERPRINTED}:
        return (kind,)
    asset_id = UUID(row["subject"]["asset_id"])
    if asset_id not in commitments:
        return None
    if kind == ADDED:
        return (kind, str(asset_id))
    told: str = row["said"]["fingerprint"]
    wanted = commitments[asset_id]
    return (kind, str(asset_id), str(row["said"]["recomputed"])) if wanted in {None, told} else None


def _known(connection: Connection, asset_id: UUID, room: int) -> tuple[Known | None, str | None, int]:
    """The fingerprint, its commitment (hex), and how many frames of it are told, `room` at most.

    What is stored but was never committed to is told as the newest that was: whoever checks it sees that.
    """
    rows = committed.fingerprints(connection, asset_id)
    if not rows:
        return None, None, 0
    row, document, frames = rows[0], None, 0
    stored = fingerprints.read(connection, asset_id, frames=ALL) if room > 0 else None
    if stored is not None:
        said = canonical.document(stored)
        digest = canonical.digest(said)
        row = next((row for row in rows if row["digest"] == digest), row)
        if len(stored.frames) <= room:
            document, frames = said, len(stored.frames)
    return Known(Opening(row["digest"], row["salt"]), document), row["commitment"].hex(), frames


def _proved(connection: Connection, rows: Sequence[Row]) -> tuple[tuple[Anchor, ...], tuple[Leaf, ...]]:
    """Events in the ledger's order, and the checkpoints that prove them. Raises `Conflict` (`not_signed`)."""
    anchors: list[Anchor] = []
    leaves: list[Leaf] = []
    size = 0
    for row in rows:
        index: int = row["leaf_index"]
        if index >= size:
            signed = ledger_stamps.newest(connection, covering=index)
            signed = signed or ledger.checkpoint(connection, covering=index)
            if signed is None:
                raise Conflict(
                    "The ledger does not cover the entry yet.",
                    code="not_signed",
                    next_step="It is signed within a second or two; ask again.",
                )
            ranges = merkle.consistency_ranges(size, signed["size"]) if size else []
            size = signed["size"]
            consistency = tuple(proof_of(connection, ranges))
            anchors.append(Anchor(signed["note"], consistency, signed.get("response")))
        proof = tuple(inclusion(connection, index, size))
        leaves.append(Leaf(index, event_leaf(row).decode(), proof, len(anchors) - 1))
    return tuple(anchors), tuple(leaves)


def _keys(connection: Connection, anchors: Sequence[Anchor]) -> tuple[str, ...]:
    """The keys that have signed these."""
    signers = {(name, key_id) for anchor in anchors for name, key_id, _ in note.read(anchor.note).signatures}
    found = [row["verifier_key"] for row in ledger.keys(connection)]
    keys = [(item, note.verifier_key(item)) for item in found]
    return tuple(sorted(text for text, key in keys if (key.name, key.key_id) in signers))
