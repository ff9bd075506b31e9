"""One row of a hash list: the hashes of its media, and what the list says about them. Pure.

Names follow ThreatExchange (developers.facebook.com/docs/threat-exchange, `threatexchange` 1.2.17) where it
has some. Hashes of whole files (`md5`, `sha256`) match by equality. `pdq` and `phash256` stand for one frame,
so they match as `related` at most. `vpdq` is the list of a video's frames (vPDQ's compact features).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, Literal

from registry.catalogue.entries.model.entry import Manipulation
from registry.catalogue.fingerprints.model.algorithms import PDQ, PHASH256
from registry.catalogue.fingerprints.model.document import MAX_SAMPLES, MAX_SECONDS
from registry.catalogue.fingerprints.model.fingerprint import FULL, MIN_QUALITY, Fingerprint, Frame
from registry.catalogue.media.model import Kind, Media, Role
from registry.core.errors import BadInput
from registry.matching.lookups.errors import BadHash
from registry.sharing.errors import UninformativeHash

HashType = Literal["pdq", "phash256", "vpdq", "md5", "sha256"]
Opinion = Literal["malicious", "unknown", "non_malicious", "disputed", "withdrawn"]

HASH_ONLY: Final = "hash_only"
"""Note on an asset of which only a hash is known."""
MATCHABLE: Final[frozenset[Opinion]] = frozenset({"malicious", "unknown"})
"""Opinions with which an entry matches lookups."""
UNTIMED: Final = 1.0
"""Seconds that the frame of a one-frame vPDQ list lasts: vPDQ's usual step."""
LONGEST_STEP: Final = 10.0
"""Maximum seconds that a frame of a vPDQ list lasts."""
SAID: Final = (
    *("id", "owner", "confidence", "share_level", "description", "added_on", "last_updated", "expired_on"),
    *("first_active", "last_active", "privacy_type", "privacy_members", "review_status", "severity"),
    *("classification", "reactions", "feedback", "cases", "source"),
)
"""Further fields of a row that are stored with the entry, unchanged."""
LEAST_SET: Final = 16
"""Minimum number of set bits, and of unset bits, in a 256-bit hash. A hash with fewer comes from a flat
picture and is close to that of every other flat picture."""


@dataclass(frozen=True, slots=True)
class Item:
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
        found = self.sha256 if self.key is None else self.key
        assert found is not None  # noqa: S101 - one of them is given
        return found

    @property
    def single(self) -> Frame | None:
        """Return its frame, if one frame is all that is known of it."""
        known = self.fingerprint
        return known.frames[0] if self.hash_only and known is not None and len(known.frames) == 1 else None


@dataclass(frozen=True, slots=True)
class Row:
    """A row that becomes one entry. `source_key`: the exchange's name for it."""

    line: int
    items: tuple[Item, ...]
    title: str
    claim: str | None = None
    manipulation: Manipulation | None = None
    references: tuple[Mapping[str, Any], ...] = ()
    opinion: Opinion = "malicious"
    tags: tuple[str, ...] = ()
    said: Mapping[str, Any] | None = None
    source_key: str | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a line, and how to fix it."""

    line: int
    code: str
    message: str
    next_step: str | None = None


def joined(opinion: Opinion, other: Opinion) -> Opinion:
    """Combine the opinions of two rows on the same medium, in any order.

    `unknown` gives way to the other. Two that contradict each other become `disputed`, as in
    `threatexchange`'s aggregate opinion.
    """
    if other in {opinion, "unknown"}:
        return opinion
    return other if opinion == "unknown" else "disputed"


def hash_item(
    given: HashType, value: object, *, role: Role = "fake", kind: Kind | None = None, quality: int = 100
) -> Item:
    """Return the medium of a hash, given as hex digits, or of `vpdq`, given as a list of features.

    `quality`: PDQ's quality of a single frame, 0-100. Raises `BadInput` (`bad_hash`, `low_information`).
    """
    if given == "vpdq":
        return _video(value, role)
    raw = _hex(given, value, 16 if given == "md5" else 32)
    if given == "sha256":
        return Item(role, kind or "video", None, sha256=raw)
    if given == "md5":
        return Item(role, kind or "video", key(given, raw), md5=raw)
    if quality < MIN_QUALITY or not LEAST_SET <= int.from_bytes(raw).bit_count() <= 256 - LEAST_SET:
        raise _low_information()
    pdq = given == "pdq"
    frame = Frame(0.0, 0.0, FULL, quality, None if pdq else raw, raw if pdq else None)
    algorithm = PDQ.name if pdq else PHASH256.name
    return Item(role, "image", key(given, raw), fingerprint=_known("image", 0.0, algorithm, (frame,)))


def document_item(found: Fingerprint, *, role: Role = "fake") -> Item:
    """Return the medium of a fingerprint document."""
    media = found.media
    return Item(role, media.kind, None, bytes.fromhex(media.sha256), fingerprint=found, hash_only=False)


def key(given: HashType, value: bytes) -> bytes:
    """Return the first 16 bytes of the SHA-256 of a hash's type and value."""
    return hashlib.sha256(given.encode() + b":" + value).digest()[:16]


def untitled(item: Item) -> str:
    """Return a title that does not reveal the hash, because strangers can read titles."""
    return f"untitled {hashlib.sha256(item.identity).hexdigest()[:12]}"


def features(found: Fingerprint) -> list[str]:
    """Return a video's frames in vPDQ's notation: `pdq,quality,timestamp`, with three decimals."""
    return [
        f"{frame.pdq.hex()},{frame.quality},{frame.time:.3f}"
        for frame in found.frames
        if frame.pdq is not None and frame.view == FULL
    ]


def _video(value: object, role: Role) -> Item:
    if not isinstance(value, Sequence) or isinstance(value, str) or not value:
        raise BadHash("The value of vpdq is a list of features.")
    if len(value) > MAX_SAMPLES:
        raise BadHash(f"A vPDQ list has {MAX_SAMPLES} features at most.")
    found: dict[float, tuple[bytes, int]] = {}
    for item in value:
        time, raw, quality = _feature(item)
        found.setdefault(time, (raw, quality))
    times = sorted(found)
    steps = [min(after - before, LONGEST_STEP) for before, after in pairwise(times)]
    steps.append(steps[-1] if steps else UNTIMED)
    frames = tuple(
        Frame(time, round(step, 3), FULL, found[time][1], pdq=found[time][0])
        for time, step in zip(times, steps, strict=True)
    )
    if not any(frame.informative for frame in frames):
        raise _low_information()
    named = b"".join(b"%d:%s" % (round(frame.time * 1000), frame.pdq) for frame in frames)
    lasts = round(times[-1] + steps[-1], 3)
    return Item(role, "video", key("vpdq", named), fingerprint=_known("video", lasts, PDQ.name, frames))


def _feature(given: object) -> tuple[float, bytes, int]:
    """Parse time, hash and quality from `pdq,quality,timestamp` or the older
    `frame,quality,pdq,timestamp`."""
    parts = given.split(",") if isinstance(given, str) else []
    if len(parts) == 4:
        parts = [parts[2], parts[1], parts[3]]
    try:
        hashed, quality, time = parts[0], int(parts[1]), round(float(parts[2]), 3)
    except (ValueError, IndexError):
        hashed, quality, time = "", 0, -1.0
    if len(parts) != 3 or not 0 <= time <= MAX_SECONDS or not 0 <= quality <= 100:
        raise BadHash("A vPDQ feature reads `pdq,quality,timestamp`.")
    return time, _hex("vpdq", hashed, 32), quality


def _hex(given: HashType, value: object, width: int) -> bytes:
    try:
        raw = bytes.fromhex(value) if isinstance(value, str) and len(value) == 2 * width else b""
    except ValueError:
        raw = b""
    if len(raw) != width:
        raise BadHash(f"A hash of type {given} has {2 * width} hex digits.")
    return raw


def _known(kind: Kind, duration: float, algorithm: str, frames: tuple[Frame, ...]) -> Fingerprint:
    return Fingerprint(Media("", kind, duration, 0, 0, 0), (algorithm,), frames)


def _low_information() -> BadInput:
    return UninformativeHash(
        f"The hash is of a picture that shows too little (quality under {MIN_QUALITY}, or flat).",
        next_step="Leave the row out: it would be like every blank picture.",
    )
