"""Compare a fingerprint document with the fingerprint computed from its media. Pure.

Anybody may register a document, so a document may describe any content. When the media arrives, the worker's
fingerprint replaces the document's. If the two describe different pictures, the document was forged.
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
"""Tolerance in seconds. Two pictures are sampled a second, and decoders may differ by a frame or two."""
BITS: Final = 64
"""Most bits, of 256, by which hashes of one picture differ between decoders. Unrelated pictures differ by
128."""
COSINE: Final = 0.6
"""Lowest cosine of SSCD vectors or face embeddings of one picture. Unrelated ones are near 0."""
AGREEING: Final = 0.9
"""Share of a document's samples that the media must confirm."""
LONGER: Final = 1.5
"""Most seconds by which a document's duration may differ."""
SAMPLED: Final = 300
"""Samples of each kind that are compared with the media, evenly spread. Enough to find a forged tenth."""


def forged(stated: Fingerprint, computed: Fingerprint) -> bool:
    """Return whether `stated` (from a document) contradicts `computed` (from its media).

    It does if the durations differ, or if more than a tenth of its hashes, vectors or faces are not
    confirmed. Omissions are not forgery.
    """
    # A hash list gives a picture without a time. It may be any picture of the file.
    timeless = stated.media.duration == 0 and stated.distinct_instants <= 1
    if not timeless and abs(stated.media.duration - computed.media.duration) > LONGER:
        return True
    if timeless:
        duration = computed.media.duration
        stated = replace(stated, frames=tuple(replace(frame, duration=duration) for frame in stated.frames))
    stated_frames = [frame for frame in stated.frames if frame.informative and frame.stored]
    computed_frames = [frame for frame in computed.frames if frame.stored]
    shares = [
        _hashes(stated_frames, computed_frames, "pdq"),
        _hashes(stated_frames, computed_frames, "phash256"),
        _vectors(stated_frames, computed_frames) if stated.model == computed.model else None,
        _faces(stated, computed),
    ]
    return any(share is not None and share < AGREEING for share in shares)


def _hashes(stated: Sequence[Frame], computed: Sequence[Frame], name: str) -> float | None:
    """Return the share of their pictures that ours show at the same time. None if nothing can be compared."""
    stated, computed = ([frame for frame in side if getattr(frame, name)] for side in (stated, computed))
    stated = _spread(stated)
    if not stated or not computed:
        return None
    left, _ = distance.hashes(getattr(frame, name) for frame in stated)
    right, _ = distance.hashes(getattr(frame, name) for frame in computed)
    return _share((distance.hamming(left, right) <= BITS) & _near(_times(stated), _times(computed)))


def _vectors(stated: Sequence[Frame], computed: Sequence[Frame]) -> float | None:
    """As `_hashes`, for SSCD vectors."""
    stated, computed = ([frame for frame in side if frame.sscd] for side in (stated, computed))
    stated = _spread(stated)
    if not stated or not computed:
        return None
    left, _ = distance.vectors((frame.sscd for frame in stated), SSCD.dimensions)
    right, _ = distance.vectors((frame.sscd for frame in computed), SSCD.dimensions)
    return _share((distance.cosine(left, right) >= COSINE) & _near(_times(stated), _times(computed)))


def _faces(stated: Fingerprint, computed: Fingerprint) -> float | None:
    """As `_hashes`, for faces. If the worker detected faces, stated faces that it did not find count as
    forged."""
    stated_faces, computed_faces = _spread(stated.faces), computed.faces
    if not stated_faces or FACE_SFACE.name not in computed.algorithms:
        return None
    if not computed_faces:
        return 0.0
    left, _ = distance.vectors((face.embedding for face in stated_faces), FACE_SFACE.dimensions)
    right, _ = distance.vectors((face.embedding for face in computed_faces), FACE_SFACE.dimensions)
    near = _near(
        [(face.time, face.time) for face in stated_faces], [(face.time, face.time) for face in computed_faces]
    )
    return _share((distance.cosine(left, right) >= COSINE) & near)


def _spread[T](samples: Sequence[T]) -> Sequence[T]:
    step = max(1, -(-len(samples) // SAMPLED))
    return samples[::step]


def _times(frames: Sequence[Frame]) -> list[tuple[float, float]]:
    return [(frame.time, frame.time + frame.duration) for frame in frames]


def _near(
    stated: Sequence[tuple[float, float]], computed: Sequence[tuple[float, float]]
) -> NDArray[np.bool_]:
    """Return an (m, n) mask: time intervals that overlap within `APART` seconds."""
    left, right = np.array(stated)[:, None, :], np.array(computed)[None, :, :]
    begun = left[..., 0] <= right[..., 1] + APART
    return np.asarray(begun & (right[..., 0] <= left[..., 1] + APART), dtype=np.bool_)


def _share(agreeing: NDArray[np.bool_]) -> float:
    return float(agreeing.any(axis=1).mean())
