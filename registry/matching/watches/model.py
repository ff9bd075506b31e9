"""Choose what is stored of a watched lookup, and the keys that newly registered media search watches with.
Pure.

No media and no face vectors are stored. A watch is found by a few of its moments. A registered medium
searches with many, so a stored moment meets one of the medium's nearest to it.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson

from registry.catalogue.entries.model.verdict import Verdict
from registry.catalogue.fingerprints.model import mirroring
from registry.catalogue.fingerprints.model.algorithms import MOSAIC, PEAKS, VIDEOHASH
from registry.catalogue.fingerprints.model.document import from_document, to_document
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint, Frame
from registry.core.errors import BadDocument
from registry.matching.candidates.model import probes
from registry.matching.decision.model.checked import InputKind
from registry.matching.decision.model.confidence import coarse

EVERYBODY: Final = UUID(int=0)
"""Subject of the one job that answers all watches."""

LONGEST_DAYS: Final = 3650
KEPT_FRAMES: Final = 1_500
"""Frames of a lookup that are stored, spread evenly: three minutes at 2 Hz with all views of each moment."""
MOMENTS: Final = (24, 96)
"""Frames by which a watch is found: for one minute, and at most; one more per further five seconds."""
SECONDS_EACH: Final = 5.0
VECTORS: Final = 4
"""Vectors by which a watch is found, those least alike."""
SEARCHING_VECTORS: Final = 6
"""Vectors that a medium searches with: each costs as much as a hundred hashes."""
WITH_PDQ: Final = 32
"""Frames of a medium that also search by PDQ, for watches with no other hash: mostly of single pictures."""


DROPPED: Final = frozenset({VIDEOHASH.name, MOSAIC.name, PEAKS.name})
"""Algorithms whose values a watch does not keep."""


@dataclass(frozen=True, slots=True)
class NewWatch:
    """A lookup to watch for so many days. `bank`: the only bank to search, by name or id."""

    lookup_id: UUID
    fingerprint: Fingerprint
    input_kind: InputKind
    sha256: str | None
    bank: str | UUID | None
    days: int


@dataclass(frozen=True, slots=True)
class FoundMatch:
    """A new answer to a watched lookup. `title`: of the entry; None if it no longer answers the organization.

    `unreviewed`: the match is in doubt, and the entry unreviewed.
    """

    watch_id: UUID
    entry_id: UUID
    lookup_id: UUID
    verdict: Verdict
    unreviewed: bool
    title: str | None
    asked_at: datetime
    answered_at: datetime
    seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class FoundMatches:
    """A page of new answers. `next` continues after it."""

    matches: list[FoundMatch]
    next: str | None


@dataclass(frozen=True, slots=True)
class Keys:
    """Values that find a watch, or search for watches: raw hashes of 32 bytes, vectors of 1,024 bytes."""

    phash256: tuple[bytes, ...]
    pdq: tuple[bytes, ...]
    sscd: tuple[bytes, ...]


def stored_part(fingerprint: Fingerprint) -> Fingerprint:
    """Return the part of a query's fingerprint that is stored: no faces, no coarse pictures, no peaks of its
    sound, no whole-video hash, limited frames."""
    without_faces = fingerprint.without_faces()
    return replace(
        without_faces,
        algorithms=tuple(name for name in without_faces.algorithms if name not in DROPPED),
        frames=tuple(probes.chosen(without_faces.frames, KEPT_FRAMES)),
        videohash=None,
        mosaics=(),
        peaks=None,
    )


def packed(fingerprint: Fingerprint) -> bytes:
    """Encode the stored part of a fingerprint as bytes."""
    return zlib.compress(orjson.dumps(to_document(stored_part(fingerprint), faces=False)), 6)


def unpacked(raw: bytes) -> Fingerprint | None:
    """Decode a stored fingerprint; None if this version can no longer read it."""
    try:
        return from_document(orjson.loads(zlib.decompress(raw)))
    except (BadDocument, ValueError, zlib.error):
        return None


def stored_keys(fingerprint: Fingerprint) -> Keys:
    """Choose the keys by which a query is found: half of the whole picture as it is, the others of all other
    views.

    None are mirrored, since the searching medium mirrors its own hashes.
    """
    frames = [frame for frame in fingerprint.informative() if not frame.mirrored]
    duration = fingerprint.media.duration
    most = int(min(MOMENTS[0] + max(duration - probes.MINUTE, 0.0) / SECONDS_EACH, MOMENTS[1]))
    moments = probes.chosen(frames, most)
    return Keys(
        phash256=_once(frame.phash256 for frame in moments),
        pdq=_once(frame.pdq for frame in moments if frame.phash256 is None),
        sscd=_few(frames, duration, VECTORS),
    )


def searching_keys(fingerprint: Fingerprint) -> Keys:
    """Choose the keys with which a registered medium searches watches."""
    frames = list(fingerprint.informative())
    duration = fingerprint.media.duration
    moments = _both_ways(fingerprint, probes.chosen(frames, probes.hashes(duration)))
    fewer = _both_ways(fingerprint, probes.chosen(frames, WITH_PDQ))
    return Keys(
        phash256=_once(frame.phash256 for frame in moments),
        pdq=_once(frame.pdq for frame in fewer),
        sscd=_few(frames, duration, SEARCHING_VECTORS),
    )


def shown_answer(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return a new answer as the organization sees it: ids, codes, spans and rounded figures, without texts
    and signals."""
    fields = ("entry_id", "asset_id", "tier", "relation", "verdict", "reasons", "coverage", "spans")
    return {
        "verdict": answer["verdict"],
        "reasons": list(answer["reasons"]),
        "mixed": answer["mixed"],
        "confidence": coarse(answer["confidence"]),
        "matches": [
            {name: match[name] for name in fields} | {"confidence": coarse(match["confidence"])}
            for match in answer["matches"]
        ],
        **{name: answer[name] for name in ("checked", "not_checked", "next_step")},
    }


def _both_ways(fingerprint: Fingerprint, frames: Sequence[Frame]) -> Sequence[Frame]:
    return mirroring.with_mirror(replace(fingerprint, frames=tuple(frames))).frames


def _once(values: Any) -> tuple[bytes, ...]:
    return tuple(dict.fromkeys(value for value in values if value is not None))


def _few(frames: Sequence[Frame], duration: float, most: int) -> tuple[bytes, ...]:
    """Return some of the vectors that a lookup would search with, spread evenly."""
    vectors = [value for value, _ in probes.choose_values(frames, duration).sscd]
    if len(vectors) <= most:
        return tuple(vectors)
    return tuple(vectors[int((place + 0.5) * len(vectors) / most)] for place in range(most))
