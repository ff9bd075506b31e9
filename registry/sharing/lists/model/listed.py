"""One row of a hash list: the hashes of its media, and what the list says about them. Pure.

Names follow ThreatExchange (developers.facebook.com/docs/threat-exchange, `threatexchange` 1.2.17) where it
has some. Hashes of whole files (`md5`, `sha256`) match by equality. `pdq` and `phash256` stand for one frame,
so they match as `related` at most. `vpdq` is the list of a video's frames; `vpdq.py` reads and writes it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from registry.catalogue.entries.model.entry import Manipulation
from registry.catalogue.fingerprints.model.algorithms import PDQ, PHASH256
from registry.catalogue.fingerprints.model.fingerprint import FULL, MIN_QUALITY, Fingerprint, Frame
from registry.catalogue.media.model import Kind, Media, Role
from registry.core.errors import BadInput
from registry.matching.lookups.errors import BadHash
from registry.sharing.errors import UninformativeHash
from registry.sharing.lists.model import vpdq

HashType = Literal["pdq", "phash256", "vpdq", "md5", "sha256"]
Opinion = Literal["malicious", "unknown", "non_malicious", "disputed", "withdrawn"]

HASH_ONLY: Final = "hash_only"
"""Note on an asset of which only a hash is known."""
MATCHABLE: Final[frozenset[Opinion]] = frozenset({"malicious", "unknown"})
"""Opinions with which an entry matches lookups."""
DETAILS: Final = (
    *("id", "owner", "confidence", "share_level", "description", "added_on", "last_updated", "expired_on"),
    *("first_active", "last_active", "privacy_type", "privacy_members", "review_status", "severity"),
    *("classification", "reactions", "feedback", "cases", "source"),
)
"""Further fields of a row that are stored with the entry, unchanged."""
LEAST_SET: Final = 16
"""Minimum number of set bits, and of unset bits, in a 256-bit hash. A hash with fewer comes from a flat
picture and is close to that of every other flat picture."""


@dataclass(frozen=True, slots=True)
class ListedMedium:
    """A medium as a list describes it.

    `key`: 16 bytes that identify algorithm and value; None if the sha256 (32 bytes) identifies the medium.
    `fingerprint`: its frames; None if the list gives none.
    """

    role: Role
    kind: Kind
    key: bytes | None
    sha256: bytes | None = None
    md5: bytes | None = None
    fingerprint: Fingerprint | None = None
    hash_only: bool = True

    @property
    def identity(self) -> bytes:
        """Return the bytes that identify this medium in every list: 16 or 32."""
        identity = self.sha256 if self.key is None else self.key
        assert identity is not None  # noqa: S101 - a medium has one of them
        return identity

    @property
    def single(self) -> Frame | None:
        """Return its frame, if one frame is all that is known of it."""
        frames = self.fingerprint.frames if self.fingerprint is not None else ()
        return frames[0] if self.hash_only and len(frames) == 1 else None


@dataclass(frozen=True, slots=True)
class Row:
    """A row that becomes one entry. `source_key`: the exchange's name for it."""

    line: int
    media: tuple[ListedMedium, ...]
    title: str
    claim: str | None = None
    manipulation: Manipulation | None = None
    references: tuple[Mapping[str, Any], ...] = ()
    opinion: Opinion = "malicious"
    tags: tuple[str, ...] = ()
    details: Mapping[str, Any] | None = None
    source_key: str | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a line, and how to fix it."""

    line: int
    code: str
    message: str
    next_step: str | None = None


def combined_opinion(opinion: Opinion, other: Opinion) -> Opinion:
    """Combine the opinions of two rows on the same medium, in any order.

    `unknown` gives way to the other. Two that contradict each other become `disputed`, as in
    `threatexchange`'s aggregate opinion.
    """
    if other in {opinion, "unknown"}:
        return opinion
    return other if opinion == "unknown" else "disputed"


def hash_medium(
    type_: HashType, value: object, *, role: Role = "fake", kind: Kind | None = None, quality: int = 100
) -> ListedMedium:
    """Return the medium of a hash: hex digits, or for `vpdq` a list of features or its JSON
    (`vpdq.read_features`).

    `quality`: PDQ's quality of a single frame, 0-100. Raises `BadInput` (`bad_hash`, `low_information`).
    """
    if type_ == "vpdq":
        return _video(vpdq.read_features(vpdq.parse_json(value)), role)
    raw = _hex(type_, value, 16 if type_ == "md5" else 32)
    if type_ == "sha256":
        return ListedMedium(role, kind or "video", None, sha256=raw)
    if type_ == "md5":
        return ListedMedium(role, kind or "video", hash_key(type_, raw), md5=raw)
    if quality < MIN_QUALITY or not LEAST_SET <= int.from_bytes(raw).bit_count() <= 256 - LEAST_SET:
        raise _low_information()
    pdq = type_ == "pdq"
    frame = Frame(0.0, 0.0, FULL, quality, None if pdq else raw, raw if pdq else None)
    algorithm = PDQ.name if pdq else PHASH256.name
    fingerprint = _fingerprint("image", 0.0, algorithm, (frame,))
    return ListedMedium(role, "image", hash_key(type_, raw), fingerprint=fingerprint)


def document_medium(fingerprint: Fingerprint, *, role: Role = "fake") -> ListedMedium:
    """Return the medium of a fingerprint document."""
    media = fingerprint.media
    return ListedMedium(
        role, media.kind, None, bytes.fromhex(media.sha256), fingerprint=fingerprint, hash_only=False
    )


def hash_key(type_: HashType, value: bytes) -> bytes:
    """Return the first 16 bytes of the SHA-256 of a hash's type and value."""
    return hashlib.sha256(type_.encode() + b":" + value).digest()[:16]


def untitled(medium: ListedMedium) -> str:
    """Return a title that does not reveal the hash, because strangers can read titles."""
    return f"untitled {hashlib.sha256(medium.identity).hexdigest()[:12]}"


def _video(frames: tuple[Frame, ...], role: Role) -> ListedMedium:
    """Return the medium of a vPDQ list. The times and hashes of its frames identify it."""
    if not any(frame.informative for frame in frames):
        raise _low_information()
    value = b"".join(b"%d:%s" % (round(frame.time * 1000), frame.pdq) for frame in frames)
    duration = round(frames[-1].time + frames[-1].duration, 3)
    fingerprint = _fingerprint("video", duration, PDQ.name, frames)
    return ListedMedium(role, "video", hash_key("vpdq", value), fingerprint=fingerprint)


def _hex(type_: HashType, value: object, width: int) -> bytes:
    try:
        raw = bytes.fromhex(value) if isinstance(value, str) and len(value) == 2 * width else b""
    except ValueError:
        raw = b""
    if len(raw) != width:
        raise BadHash(f"A hash of type {type_} has {2 * width} hex digits.")
    return raw


def _fingerprint(kind: Kind, duration: float, algorithm: str, frames: tuple[Frame, ...]) -> Fingerprint:
    return Fingerprint(Media("", kind, duration, 0, 0, 0), (algorithm,), frames)


def _low_information() -> BadInput:
    return UninformativeHash(
        f"The hash is of a picture that shows too little (quality under {MIN_QUALITY}, or flat).",
        next_step="Leave the row out: it would be like every blank picture.",
    )
