"""Does a fingerprint document say what its media says? Pure.

Anybody may register a document, and so say of a file what they like. When the media comes, the worker's own
fingerprint takes the document's place; where the two tell of different pictures, the document was forged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from registry.catalogue.fingerprints.model import distance
from registry.catalogue.fingerprints.model.algorithms import FACE_SFACE, SSCD
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint, Frame

APART: Final = 0.75
"""Seconds: pictures are taken twice a second, and other decoders may place one by a frame or two."""
BITS: Final = 64
"""Of 256, by which the hashes of one picture differ between decoders at most; others differ by 128."""
COSINE: Final = 0.6
"""Of SSCD vectors and of faces of one picture, at least; unrelated ones lie about 0."""
AGREEING: Final = 0.9
"""Share of what a document says that the media has to bear out."""
LONGER: Final = 1.5
"""Seconds by which a document may state another length."""
SAMPLED: Final = 300
"""Samples of each kind that are held against the media, evenly spread: a lie of a tenth is seen."""


def forged(stated: Fingerprint, computed: Fingerprint) -> bool:
    """Whether `stated` (of a document) says of the file what `computed` (of its media) does not bear out:
    its length, or more than a tenth of its hashes, vectors or faces. What it leaves out is no lie."""
    # A hash list names a picture and no time: it may be any picture of the file.
    timeless = stated.media.duration == 0 and stated.distinct_instants <= 1
    if not timeless and abs(stated.media.duration - computed.media.duration) > LONGER:
        return True
    if timeless:
        whole = computed.media.duration
        stated = replace(stated, frames=tuple(replace(frame, duration=whole) for frame in stated.frames))
    theirs = [frame for frame in stated.frames if frame.informative and frame.stored]
    ours = [frame for frame in computed.frames if frame.stored]
    shares = [
        _hashes(theirs, ours, "pdq"),
        _hashes(theirs, ours, "phash256"),
        _vectors(theirs, ours) if stated.model == computed.model else None,
        _faces(stated, computed),
    ]
    return any(share is not None and share < AGREEING for share in shares)


def _hashes(theirs: Sequence[Frame], ours: Sequence[Frame], name: str) -> float | None:
    """Share of their pictures that ours show at the same time; None where there is nothing to compare."""
    theirs, ours = ([item for item in side if getattr(item, name)] for side in (theirs, ours))
    theirs = _spread(theirs)
    if not theirs or not ours:
        return None
    left, _ = distance.hashes(getattr(frame, name) for frame in theirs)
    right, _ = distance.hashes(getattr(frame, name) for frame in ours)
    return _share((distance.hamming(left, right) <= BITS) & _near(_times(theirs), _times(ours)))


def _vectors(theirs: Sequence[Frame], ours: Sequence[Frame]) -> float | None:
    """As `_hashes`."""
    theirs, ours = ([item for item in side if item.sscd] for side in (theirs, ours))
    theirs = _spread(theirs)
    if not theirs or not ours:
        return None
    left, _ = distance.vectors((frame.sscd for frame in theirs), SSCD.dimensions)
    right, _ = distance.vectors((frame.sscd for frame in ours), SSCD.dimensions)
    return _share((distance.cosine(left, right) >= COSINE) & _near(_times(theirs), _times(ours)))


def _faces(stated: Fingerprint, computed: Fingerprint) -> float | None:
    """As `_hashes`; where a worker has looked, faces that it does not see are forged too."""
    theirs, ours = _spread(stated.faces), computed.faces
    if not theirs or FACE_SFACE.name not in computed.algorithms:
        return None
    if not ours:
        return 0.0
    left, _ = distance.vectors((item.embedding for item in theirs), FACE_SFACE.dimensions)
    right, _ = distance.vectors((item.embedding for item in ours), FACE_SFACE.dimensions)
    near = _near([(item.time, item.time) for item in theirs], [(item.time, item.time) for item in ours])
    return _share((distance.cosine(left, right) >= COSINE) & near)


def _spread[T](samples: Sequence[T]) -> Sequence[T]:
    step = max(1, -(-len(samples) // SAMPLED))
    return samples[::step]


def _times(frames: Sequence[Frame]) -> list[tuple[float, float]]:
    return [(frame.time, frame.time + frame.duration) for frame in frames]


def _near(theirs: Sequence[tuple[float, float]], ours: Sequence[tuple[float, float]]) -> NDArray[np.bool_]:
    """(m, n): which stretches of time touch, give or take `APART`."""
    left, right = np.array(theirs)[:, None, :], np.array(ours)[None, :, :]
    begun = left[..., 0] <= right[..., 1] + APART
    return np.asarray(begun & (right[..., 0] <= left[..., 1] + APART), dtype=np.bool_)


def _share(agreeing: NDArray[np.bool_]) -> float:
    return float(agreeing.any(axis=1).mean())
