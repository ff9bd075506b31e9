"""A ledger in memory with an entry, its proof, and altered copies of the proof."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from registry.catalogue.fingerprints.model import canonical
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.core.audit.model.ledger import commit, event_leaf
from registry.transparency.entry_proof.model.entry_proof import (
    Anchor,
    EntryProof,
    Leaf,
    Medium,
    Opening,
    ProvedFingerprint,
)
from registry.transparency.ledger.model import merkle, note
from registry.transparency.ledger.model.note import Checkpoint, Signer

ENTRY: Final = UUID("3f0d7f6e-1d1c-4b6a-9c39-0c1d6f2b7a10")
ORIGIN: Final = "fakes.example/ledger"
Stamping = Callable[[bytes], bytes | None]


def signer(seed: int = 1, name: str = ORIGIN) -> Signer:
    return Signer(name, Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32))


@dataclass
class Record:
    """A ledger that grows leaf by leaf. `anchor` signs and timestamps its current state."""

    at: datetime
    by: Signer = field(default_factory=signer)
    hashes: list[bytes] = field(default_factory=list)
    texts: list[tuple[int, str]] = field(default_factory=list)
    signed: list[tuple[Checkpoint, str, bytes | None]] = field(default_factory=list)
    media: list[Medium] = field(default_factory=list)

    def event(self, kind: str, subject: dict[str, str], said: dict[str, Any], entry: UUID = ENTRY) -> None:
        """Append a leaf of the entry, then an unrelated one."""
        row = {
            "event_id": 100 + len(self.hashes),
            "kind": kind,
            "at": self.at,
            "entry_id": entry,
            "organization_id": UUID(int=7),
            "caller_id": UUID(int=8),
            "request_id": "r",
            "subject": subject,
            "said": said,
            "salt": UUID(int=len(self.hashes)),
        }
        leaf = event_leaf(row)
        self.texts.append((len(self.hashes), leaf.decode()))
        self.hashes += [merkle.leaf_hash(leaf), merkle.leaf_hash(b"another's")]

    def add(self, number: int, role: str, item: Fingerprint, *, told: bool = True) -> None:
        """Add a medium with its fingerprint. `told` False: as before the ledger recorded fingerprints."""
        asset_id, digest = str(UUID(int=number)), bytes.fromhex(item.media.sha256)
        file = commit(digest.hex(), salt=bytes([number]) * 32)
        document = canonical.document(item)
        known = commit(canonical.digest(document).hex(), salt=bytes([100 + number]) * 32)
        self.event("asset.added", {"asset_id": asset_id}, {"role": role, "sha256": file.digest.hex()})
        if told:
            payload = {"fingerprint": known.digest.hex(), "recomputed": True}
            self.event("asset.fingerprinted", {"asset_id": asset_id}, payload)
        opening = Opening(canonical.digest(document), known.salt)
        fingerprint = ProvedFingerprint(opening, document) if told else None
        self.media.append(Medium(asset_id, Opening(digest, file.salt), fingerprint))

    def anchor(self, stamping: Stamping = lambda _note: None) -> None:
        now = Checkpoint(ORIGIN, len(self.hashes), _root(self.hashes))
        signed = note.sign(now.text, [self.by])
        self.signed.append((now, signed, stamping(signed.encode())))

    def proof(self) -> EntryProof:
        anchors, before = [], 0
        for now, signed, stamp in self.signed:
            proof = _proof(self.hashes, merkle.consistency_ranges(before, now.size)) if before else ()
            anchors.append(Anchor(signed, proof, stamp))
            before = now.size
        leaves = []
        for index, text in self.texts:
            number = next(n for n, (now, _, _) in enumerate(self.signed) if index < now.size)
            size = self.signed[number][0].size
            proof = _proof(self.hashes[:size], merkle.inclusion_ranges(index, size))
            leaves.append(Leaf(index, text, proof, number))
        keys = (str(self.by.verifier),)
        return EntryProof(str(ENTRY), keys, tuple(anchors), tuple(leaves), tuple(self.media))


def recorded(fake: Fingerprint, original: Fingerprint | None, stamping: Stamping, **fields: Any) -> Record:
    """Record an entry with a fake, and an original that is added later. Sign and timestamp after each."""
    made = Record(datetime.now(UTC) - timedelta(minutes=1), **fields)
    made.event("entry.registered", {"bank_id": str(UUID(int=9))}, {"manipulation": "face_swap"})
    made.add(1, "fake", fake)
    made.event("entry.matchable", {"asset_id": str(UUID(int=1))}, {})
    made.anchor(stamping)
    if original is not None:
        made.add(2, "original", original)
        made.anchor(stamping)
    return made


def sealed(said: dict[str, Any]) -> bytes:
    """Return a proof with a correct checksum, as a forger would compute it."""
    bare = {name: value for name, value in said.items() if name != "sha256"}
    return canonical.written(bare | {"sha256": hashlib.sha256(canonical.written(bare)).hexdigest()}) + b"\n"


def altered_fields(raw: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield copies in which one field is changed, removed or added. The checksum is always correct.

    Of fingerprints, only the first frame is altered.
    """
    whole = json.loads(raw)
    for path in _paths(whole):
        if path == ("sha256",):
            continue
        for what, change in _changes(_at(whole, path)):
            other = copy.deepcopy(whole)
            _set(other, path, change)
            yield f"{'.'.join(map(str, path))}: {what}", sealed(other)
        other = copy.deepcopy(whole)
        holder = _at(other, path[:-1])
        del holder[path[-1]]
        yield f"{'.'.join(map(str, path))}: taken out", sealed(other)
    other = copy.deepcopy(whole)
    other["note"] = "and more"
    yield "one more", sealed(other)


def _paths(value: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    parts = value.items() if isinstance(value, dict) else enumerate(value)
    for name, one in parts:
        path = (*above, name)
        if "frames" in path and path[path.index("frames") + 1 :][:1] not in {(), (0,)}:
            continue  # all frames are alike
        yield path
        if isinstance(one, dict | list):
            yield from _paths(one, path)


def _changes(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, str):
        middle = len(value) // 2
        for place in sorted({0, middle, len(value) - 1}) if value else ():
            yield f"letter {place}", value[:place] + _other(value[place]) + value[place + 1 :]
        yield "upper case", value.upper() if value.upper() != value else f"{value}A"
        yield "longer", f"{value}\n"
    elif isinstance(value, bool) or value is None:
        yield "another", not value
    elif isinstance(value, int | float):
        yield "more", value + 1
        yield "a truth", True if value != 1 else "1"
    elif isinstance(value, list) and value:
        yield "one twice", [*value, value[-1]]
        if value[::-1] != value:
            yield "turned", value[::-1]
    elif isinstance(value, dict):
        yield "nothing", None


def _other(letter: str) -> str:
    return {"0": "1", "A": "B", "a": "b"}.get(letter, "0" if letter.isalnum() else "a")


def _at(value: Any, path: tuple[Any, ...]) -> Any:
    for name in path:
        value = value[name]
    return value


def _set(value: Any, path: tuple[Any, ...], change: Any) -> None:
    _at(value, path[:-1])[path[-1]] = change


def _root(hashes: list[bytes]) -> bytes:
    tree = merkle.Growing()
    for hash_ in hashes:
        tree.append(hash_)
    return tree.root


def _proof(hashes: list[bytes], ranges: list[tuple[int, int]]) -> tuple[bytes, ...]:
    return tuple(_root(hashes[start:stop]) for start, stop in ranges)
