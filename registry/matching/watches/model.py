"""What is kept of a lookup so that a fake registered later still finds it, and what that asks with. Pure.

No media is kept and no face vector; what finds a watch is a few of its moments, while what is registered
asks with many: a moment that is kept meets one of those beside it.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import orjson

from registry.catalogue.fingerprints.model import mirroring
from registry.catalogue.fingerprints.model.algorithms import VIDEOHASH
from registry.catalogue.fingerprints.model.document import from_document, to_document
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint, Frame
from registry.core.errors import BadDocument
from registry.matching.candidates.model import probes
from registry.matching.decision.model import coarse_confidence

LONGEST_DAYS: Final = 3650
KEPT_FRAMES: Final = 1_500
"""Frames of a lookup that are kept, spread evenly: with all views of each moment, three minutes at 2 Hz."""
MOMENTS: Final = (24, 96)
"""Frames by which a watch is found, of a minute and at most; between them one more in five seconds."""
SECONDS_EACH: Final = 5.0
VECTORS: Final = 4
"""And vectors, those that are least alike."""
ASKED_VECTORS: Final = 6
"""Vectors that a medium asks with: each costs as much as a hundred hashes."""
WITH_PDQ: Final = 32
"""Frames of a medium that ask by PDQ too, for watches that have nothing else: mostly of single pictures."""


@dataclass(frozen=True, slots=True)
class Keys:
    """What finds a watch, or asks for watches: raw hashes of 32 bytes, vectors of 1,024."""

    phash256: tuple[bytes, ...]
    pdq: tuple[bytes, ...]
    sscd: tuple[bytes, ...]


def kept(fingerprint: Fingerprint) -> Fingerprint:
    """The part of a query's fingerprint that is kept: no faces, no whole-video hash, not too many frames."""
    bare = fingerprint.without_faces()
    return replace(
        bare,
        algorithms=tuple(name for name in bare.algorithms if name != VIDEOHASH.name),
        frames=tuple(probes.chosen(bare.frames, KEPT_FRAMES)),
        videohash=None,
    )


def packed(fingerprint: Fingerprint) -> bytes:
    """What is kept, as bytes."""
    return zlib.compress(orjson.dumps(to_document(kept(fingerprint), faces=False)), 6)


def unpacked(raw: bytes) -> Fingerprint | None:
    """The fingerprint again; None where this version reads it no longer."""
    try:
        return from_document(orjson.loads(zlib.decompress(raw)))
    except (BadDocument, ValueError, zlib.error):
        return None


def found_by(fingerprint: Fingerprint) -> Keys:
    """By which moments a query is found: half of the whole picture as it is, the others of all other views;
    none mirrored, since what asks turns its own hashes round."""
    frames = [frame for frame in fingerprint.informative() if not frame.mirrored]
    duration = fingerprint.media.duration
    most = int(min(MOMENTS[0] + max(duration - probes.MINUTE, 0.0) / SECONDS_EACH, MOMENTS[1]))
    moments = probes.chosen(frames, most)
    return Keys(
        phash256=_once(frame.phash256 for frame in moments),
        pdq=_once(frame.pdq for frame in moments if frame.phash256 is None),
        sscd=_few(frames, duration, VECTORS),
    )


def asks(fingerprint: Fingerprint) -> Keys:
    """What a medium that is registered asks watches with."""
    frames = list(fingerprint.informative())
    duration = fingerprint.media.duration
    moments = _both_ways(fingerprint, probes.chosen(frames, probes.hashes(duration)))
    fewer = _both_ways(fingerprint, probes.chosen(frames, WITH_PDQ))
    return Keys(
        phash256=_once(frame.phash256 for frame in moments),
        pdq=_once(frame.pdq for frame in fewer),
        sscd=_few(frames, duration, ASKED_VECTORS),
    )


def told(answer: Mapping[str, Any]) -> dict[str, Any]:
    """A new answer as an organization is told it: ids and codes, spans, and figures as coarse as callers see
    them; no text and no signal."""
    shown = ("entry_id", "asset_id", "tier", "relation", "verdict", "reasons", "coverage", "spans")
    return {
        "verdict": answer["verdict"],
        "reasons": list(answer["reasons"]),
        "mixed": answer["mixed"],
        "confidence": coarse_confidence.confidence(answer["confidence"]),
        "matches": [
            {name: match[name] for name in shown}
            | {"confidence": coarse_confidence.confidence(match["confidence"])}
            for match in answer["matches"]
        ],
        **{name: answer[name] for name in ("checked", "not_checked", "next_step")},
    }


def _both_ways(fingerprint: Fingerprint, frames: Sequence[Frame]) -> Sequence[Frame]:
    return mirroring.with_mirror(replace(fingerprint, frames=tuple(frames))).frames


def _once(values: Any) -> tuple[bytes, ...]:
    return tuple(dict.fromkeys(value for value in values if value is not None))


def _few(frames: Sequence[Frame], duration: float, most: int) -> tuple[bytes, ...]:
    """Some of the vectors that a lookup would ask with, spread evenly."""
    found = [value for value, _ in probes.asked(frames, duration).sscd]
    if len(found) <= most:
        return tuple(found)
    return tuple(found[int((place + 0.5) * len(found) / most)] for place in range(most))
