"""The proof of one entry as a file: its ledger leaves, and the openings of their commitments.

The file is canonical JSON (RFC 8785), so that no byte can change unnoticed, with a checksum at its end
against accidents. The file itself is not signed, because every part is bound to something signed
(`registry.transparency.entry_proof.model.chain`). It holds digests, ids and fingerprints without faces. An
unknown field makes it invalid.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from registry.catalogue.fingerprints.model import canonical
from registry.catalogue.fingerprints.model.canonical import NotCanonical

TYPE: Final = "entry_proof"
VERSION: Final = 1
LONGEST: Final = 64 * 1024**2
"""Most bytes of a proof."""
MOST: Final = 2_000
"""Most leaves, media or hashes of one list."""
MEDIA_TYPE: Final = "application/json"

_HEX: Final = re.compile(r"[0-9a-f]{64}\Z")
_WIDEST: Final = 2**53 - 1


class BadProof(ValueError):
    """The file is not a valid proof. The message says where."""


@dataclass(frozen=True, slots=True)
class Opening:
    """The opening of a commitment: a digest and the salt, 32 bytes each."""

    digest: bytes
    salt: bytes


@dataclass(frozen=True, slots=True)
class ProvedFingerprint:
    """A fingerprint: the opening of its commitment, and its document (`canonical.document`) if included."""

    opening: Opening
    document: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Medium:
    """A medium of the entry. `file`: its SHA-256, None if the registry has deleted it."""

    asset_id: str
    file: Opening | None
    fingerprint: ProvedFingerprint | None


@dataclass(frozen=True, slots=True)
class Leaf:
    """An event as it was hashed, at `index` of the ledger.

    `proof`: its inclusion proof for the checkpoint of the anchor with the number `anchor`.
    """

    index: int
    text: str
    proof: tuple[bytes, ...]
    anchor: int


@dataclass(frozen=True, slots=True)
class Anchor:
    """A signed checkpoint.

    `consistency`: consistency proof from the anchor before. `stamp`: the authority's response (DER) to the
    note's bytes, None if it has no timestamp.
    """

    note: str
    consistency: tuple[bytes, ...]
    stamp: bytes | None


@dataclass(frozen=True, slots=True)
class EntryProof:
    """A whole proof. `keys`: exactly the verifier keys that have signed the anchors."""

    entry_id: str
    keys: tuple[str, ...]
    anchors: tuple[Anchor, ...]
    leaves: tuple[Leaf, ...]
    media: tuple[Medium, ...]


def pack(proof: EntryProof) -> bytes:
    """Serialise a proof. Raises `NotCanonical`."""
    fields: dict[str, Any] = {
        "type": TYPE,
        "version": VERSION,
        "entry_id": proof.entry_id,
        "keys": list(proof.keys),
        "anchors": [
            {
                "checkpoint": anchor.note,
                "consistency": _hexes(anchor.consistency),
                "stamp": None if anchor.stamp is None else base64.b64encode(anchor.stamp).decode(),
            }
            for anchor in proof.anchors
        ],
        "events": [
            {"index": leaf.index, "leaf": leaf.text, "proof": _hexes(leaf.proof), "anchor": leaf.anchor}
            for leaf in proof.leaves
        ],
        "media": [
            {
                "asset_id": medium.asset_id,
                "file": _opening_out(medium.file),
                "fingerprint": None
                if medium.fingerprint is None
                else {**_opened(medium.fingerprint.opening), "document": medium.fingerprint.document},
            }
            for medium in proof.media
        ],
    }
    fields["sha256"] = hashlib.sha256(canonical.written(fields)).hexdigest()
    return canonical.written(fields) + b"\n"


def read(raw: bytes) -> EntryProof:
    """Parse a proof, without checking that its bytes are canonical (`is_whole`). Raises `BadProof`."""
    if len(raw) > LONGEST:
        raise BadProof(f"it has more than {LONGEST} bytes")
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise BadProof("it is not JSON") from error
    names = ("type", "version", "entry_id", "keys", "anchors", "events", "media", "sha256")
    fields = _fields(value, "the file", names)
    if fields["type"] != TYPE or _number(fields["version"], "version") != VERSION:
        raise BadProof(f"its type and version are not {TYPE} {VERSION}")
    _digest(fields["sha256"], "sha256")
    return EntryProof(
        entry_id=_text(fields["entry_id"], "entry_id"),
        keys=tuple(_text(element, place) for place, element in _each(fields, "keys")),
        anchors=tuple(_anchor(element, place) for place, element in _each(fields, "anchors")),
        leaves=tuple(_leaf(element, place) for place, element in _each(fields, "events")),
        media=tuple(_medium(element, place) for place, element in _each(fields, "media")),
    )


def is_whole(raw: bytes, proof: EntryProof) -> bool:
    """Return whether the file is byte for byte what `pack` produces for the parsed proof."""
    try:
        return pack(proof) == raw
    except NotCanonical:
        return False


def _anchor(value: object, place: str) -> Anchor:
    fields = _fields(value, place, ("checkpoint", "consistency", "stamp"))
    stamp = fields["stamp"]
    return Anchor(
        _text(fields["checkpoint"], f"{place}.checkpoint"),
        _digests(fields["consistency"], f"{place}.consistency"),
        None if stamp is None else _bytes(stamp, f"{place}.stamp"),
    )


def _leaf(value: object, place: str) -> Leaf:
    fields = _fields(value, place, ("index", "leaf", "proof", "anchor"))
    return Leaf(
        _number(fields["index"], f"{place}.index"),
        _text(fields["leaf"], f"{place}.leaf"),
        _digests(fields["proof"], f"{place}.proof"),
        _number(fields["anchor"], f"{place}.anchor"),
    )


def _medium(value: object, place: str) -> Medium:
    fields = _fields(value, place, ("asset_id", "file", "fingerprint"))
    fingerprint = None
    if fields["fingerprint"] is not None:
        fingerprint_place = f"{place}.fingerprint"
        fingerprint_fields = _fields(fields["fingerprint"], fingerprint_place, ("sha256", "salt", "document"))
        document = fingerprint_fields["document"]
        if document is not None and not isinstance(document, dict):
            raise BadProof(f"{fingerprint_place}.document is not an object")
        fingerprint = ProvedFingerprint(_opening(fingerprint_fields, fingerprint_place), document)
    file = None
    if fields["file"] is not None:
        file = _opening(_fields(fields["file"], f"{place}.file", ("sha256", "salt")), f"{place}.file")
    return Medium(_text(fields["asset_id"], f"{place}.asset_id"), file, fingerprint)


def _opening(fields: Mapping[str, Any], place: str) -> Opening:
    return Opening(_digest(fields["sha256"], f"{place}.sha256"), _digest(fields["salt"], f"{place}.salt"))


def _opening_out(opening: Opening | None) -> dict[str, str] | None:
    return None if opening is None else _opened(opening)


def _opened(opening: Opening) -> dict[str, str]:
    return {"sha256": opening.digest.hex(), "salt": opening.salt.hex()}


def _hexes(hashes: Iterable[bytes]) -> list[str]:
    return [hash_.hex() for hash_ in hashes]


def _fields(value: object, place: str, names: Sequence[str]) -> Mapping[str, Any]:
    """Return an object with exactly these fields. An extra field would not be bound to anything."""
    if not isinstance(value, dict):
        raise BadProof(f"{place} is not an object")
    if unexpected := sorted(set(value) ^ set(names)):
        raise BadProof(f"{place}: {str(unexpected[0])[:40]!r} is missing or unexpected")
    return value


def _each(fields: Mapping[str, Any], name: str) -> list[tuple[str, Any]]:
    value = fields[name]
    if not isinstance(value, list) or len(value) > MOST:
        raise BadProof(f"{name} is not a list, or is too long")
    return [(f"{name}[{number}]", element) for number, element in enumerate(value)]


def _text(value: object, place: str) -> str:
    if not isinstance(value, str) or not _is_unicode(value):
        raise BadProof(f"{place} is not a text")
    return value


def _is_unicode(text: str) -> bool:
    """Return whether the text can be encoded. JSON can contain lone surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _number(value: object, place: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _WIDEST:
        raise BadProof(f"{place} is not a whole number")
    return value


def _digest(value: object, place: str) -> bytes:
    if not isinstance(value, str) or not _HEX.match(value):
        raise BadProof(f"{place} is not 64 lower-case hex digits")
    return bytes.fromhex(value)


def _digests(value: object, place: str) -> tuple[bytes, ...]:
    if not isinstance(value, list) or len(value) > MOST:
        raise BadProof(f"{place} is not a list, or is too long")
    return tuple(_digest(element, f"{place}[{number}]") for number, element in enumerate(value))


def _bytes(value: object, place: str) -> bytes:
    try:
        raw = base64.b64decode(value if isinstance(value, str) else "*", validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if not raw or base64.b64encode(raw).decode() != value:
        raise BadProof(f"{place} is not base64")
    return raw
