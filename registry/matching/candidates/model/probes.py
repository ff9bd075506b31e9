"""Choose the few frames of a query that the database searches candidates for. Pure.

Half of them show the whole picture as it is, which finds most copies. The rest are spread over all other
views equally. Each view is spread evenly over time, and no two fall on the same moments. So a cut of four
seconds that is missed between the frames of one view is met by another view.

A copy is mostly found by a hash every few seconds, so those are searched first. If they find it, the values
around them, above all vectors, are not searched (`choose_values`).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from registry.catalogue.fingerprints.model import reframed
from registry.catalogue.fingerprints.model.fingerprint import BOXES, FULL, TURNS, Frame
from registry.catalogue.fingerprints.model.reframed import REFRAMED

HASHES: Final = (64, 1200)
"""Frames whose hashes are sent: for one minute, and at most; one more per further second. Of 263 copies of 8
media by 31 edits, 96, 48 and 32 lost none (with as many vectors)."""
FEW: Final = 16
"""Up to so many frames, both hashes are searched. With more, PDQ is searched only if there is no pHash, which
sees the same cosines: the same copies were found without it."""
VECTORS: Final = (48, 600)
"""Frames whose vectors are sent: for one minute, and at most; one more per further two seconds. So at least
one meets a cut of four seconds in a long clip."""
ALIKE: Final = 0.9
"""Cosine from which one vector of the query stands for another."""
ONE_VECTOR_IN: Final = 3
"""Only one vector in so many is searched, those least alike. Of 263 copies with 24 vectors each, 6.6 vectors
were left on average and no copy was lost; nor at a cosine of .8 with 4.0 left."""
MINUTE: Final = 60.0

EFFORTS: Final = ((4, 15), (16, 8))
"""Bits flipped per band, one at a time, for up to so many hashes; with more, `LEAST_EFFORT`. Many hashes of
one query together find what one of them misses."""
LEAST_EFFORT: Final = 2
FIRST_EFFORT: Final = 0
"""Bits flipped for hashes searched first: what these miss is searched afterwards by their neighbours. Of 263
copies none was lost, and documents cost PostgreSQL 1.5 ms less than with one bit."""

SPACING: Final = 3.0
"""Seconds between the moments searched first: at least one meets a cut of four seconds."""
FIRST: Final = 400
"""Most moments searched first."""
AGREEING: Final = 3
"""Moments at which the same asset must be found for their neighbours to be left out."""
KEPT: Final = 24
"""One vector in so many is always searched, whatever the hashes found."""
WHOLE: Final = 0.5
"""Share of the frames for the whole picture as it is. Measured on four seconds in a minute, 13 clips. With
equal shares for each view, all at the same moments, 2 were not proposed and 10 by one or two values alone,
hashes or vectors. With this share none and 1."""
PARTS: Final = 0.25
"""Share for pictures in the picture and rotated ones, if there are too many of all kinds."""
_PARTS: Final = frozenset(f"{view}{end}" for view in (*BOXES, *TURNS) for end in ("", ".mirror"))


def hashes(duration: float) -> int:
    """Return how many frames of a query of `duration` seconds send their hashes."""
    return int(min(HASHES[0] + max(duration - MINUTE, 0.0), HASHES[1]))


def vectors(duration: float) -> int:
    """Return how many frames of a query of `duration` seconds send their vectors."""
    return int(min(VECTORS[0] + max(duration - MINUTE, 0.0) / 2, VECTORS[1]))


def effort(count: int) -> int:
    """Return how many bits to flip per band for each of so many hashes, 0-16."""
    return next((bits for most, bits in EFFORTS if count <= most), LEAST_EFFORT)


@dataclass(frozen=True, slots=True)
class ProbeValues:
    """The values of a query that are sent.

    `first`: pHash-256 of moments that stand for their neighbours. Each of the other values has the number of
    the moment, from 1 on, around which it lies; 0: always search it.
    """

    first: tuple[bytes, ...]
    phash256: dict[bytes, int]
    pdq: dict[bytes, int]
    sscd: tuple[tuple[bytes, int], ...]


def choose_values(frames: Iterable[Frame], duration: float) -> ProbeValues:
    """Choose what to send of the informative `frames` of a query of `duration` seconds."""
    informative = list(frames)
    hashed = sorted(
        (*chosen(informative, hashes(duration)), *_reframed(informative, hashes(duration))),
        key=lambda frame: frame.time,
    )
    embedded = chosen([frame for frame in informative if frame.sscd is not None], vectors(duration))
    times, first = _first(informative, duration)
    if len(first) < AGREEING:
        times, first = [], ()
    moments = [_around(times, frame.time, duration) for frame in hashed]
    placed = list(zip(hashed, moments, strict=True))
    both_hashes = len(hashed) <= FEW
    return ProbeValues(
        first=first,
        phash256=_once((frame.phash256, place) for frame, place in placed if frame.phash256 not in first),
        pdq=_once((frame.pdq, place) for frame, place in placed if both_hashes or frame.phash256 is None),
        sscd=tuple(
            (vector, _around(times, time, duration) if number % KEPT else 0)
            for number, (vector, time) in enumerate(_unlike(embedded, -(-vectors(duration) // ONE_VECTOR_IN)))
        ),
    )


def _unlike(frames: Sequence[Frame], most: int) -> list[tuple[bytes, float]]:
    """Return vectors and times of at most `most` frames, in their order.

    Each is chosen to be as unlike those chosen before as possible (k-center, Gonzalez, 1985), until all that
    are left are like one of them.
    """
    vectors = [(frame.sscd, frame.time) for frame in frames if frame.sscd is not None]
    if not vectors:
        return []
    values = np.frombuffer(b"".join(vector for vector, _ in vectors), dtype="<f2")
    rows = values.astype(np.float32).reshape(len(vectors), -1)
    alike: NDArray[np.float32] = rows @ rows.T
    chosen = [0]
    while len(chosen) < most and (nearest := alike[chosen].max(axis=0)).min() < ALIKE:
        chosen.append(int(nearest.argmin()))
    return [vectors[place] for place in sorted(chosen)]


def _first(frames: Sequence[Frame], duration: float) -> tuple[list[float], tuple[bytes, ...]]:
    """Return times and pHash-256 of the moments searched first, of the whole picture as it is."""
    times: list[float] = []
    values: list[bytes] = []
    for frame in sorted((frame for frame in frames if frame.view == FULL), key=lambda frame: frame.time):
        if frame.phash256 is not None and (not times or frame.time - times[-1] >= _spacing(duration)):
            times.append(frame.time)
            values.append(frame.phash256)
    return times, tuple(values)


def _spacing(duration: float) -> float:
    return max(SPACING, duration / FIRST)


def _around(times: Sequence[float], time: float, duration: float) -> int:
    """Return the number, from 1 on, of the time in `times` that is nearest to `time`; 0 if none is near."""
    after = bisect_left(times, time)
    near = [place for place in (after - 1, after) if 0 <= place < len(times)]
    best = min(near, key=lambda place: abs(times[place] - time), default=None)
    return 0 if best is None or abs(times[best] - time) > _spacing(duration) else best + 1


def _once(values: Iterable[tuple[bytes | None, int]]) -> dict[bytes, int]:
    """Return each value with its moment; 0, always search it, if it occurs around several."""
    moments: dict[bytes, int] = {}
    for value, place in values:
        if value is not None:
            moments[value] = place if moments.get(value, place) == place else 0
    return moments


def chosen(frames: Sequence[Frame], most: int) -> list[Frame]:
    """Return at most `most` of the frames, in their order, without the views that undo a crop."""
    frames = reframed.without(frames)
    if len(frames) <= most:
        return frames
    wholes, others, parts = _kinds(frames)
    for_wholes = min(len(wholes), max(int(WHOLE * most), most - len(others) - len(parts)))
    remaining = most - for_wholes
    for_parts = min(len(parts), max(int(PARTS * most), remaining - len(others)))
    indices = [
        *_by_view(frames, wholes, for_wholes),
        *_by_view(frames, others, remaining - for_parts),
        *_by_view(frames, parts, for_parts),
    ]
    return [frames[index] for index in sorted(indices)]


def _reframed(frames: Sequence[Frame], most: int) -> list[Frame]:
    """Return about `most` frames of the views that undo a crop, equally many and at least one of each: only
    one is right."""
    reframed_frames = [index for index, frame in enumerate(frames) if frame.view in REFRAMED]
    selected = _by_view(
        frames, reframed_frames, max(most, len({frames[index].view for index in reframed_frames}))
    )
    return [frames[index] for index in selected]


def _kinds(frames: Sequence[Frame]) -> tuple[list[int], list[int], list[int]]:
    """Return the indices of whole pictures as they are, of wholes in other views, and of parts and rotated
    ones."""
    whole = [index for index, frame in enumerate(frames) if frame.view == FULL]
    parts = [index for index, frame in enumerate(frames) if frame.view in _PARTS]
    neither = set(range(len(frames))).difference(whole, parts)
    return whole, sorted(neither), parts


def _by_view(frames: Sequence[Frame], candidates: Sequence[int], most: int) -> list[int]:
    """Return at most `most` of the indices `candidates`, as equal as possible per view.

    Each view is spread evenly, between the moments of the others.
    """
    views: dict[str, list[int]] = {}
    for index in candidates:
        views.setdefault(frames[index].view, []).append(index)
    selected: list[int] = []
    # More common views use what rare views leave of their share.
    for place, indices in enumerate(sorted(views.values(), key=len)):
        share = (most - len(selected)) // (len(views) - place)
        selected += _spread(indices, share, (place + 0.5) / len(views))
    return selected


def _spread(indices: Sequence[int], count: int, phase: float) -> list[int]:
    """Return `count` of the indices, evenly spread. `phase`: offset of the first within its share, 0-1."""
    if count >= len(indices):
        return list(indices)
    return [indices[int((at + phase) * len(indices) / count)] for at in range(count)]
