"""Which few frames of a query are sent to the database to find candidates. Pure.

Half are of the whole picture as it is, in which most copies are found; the rest are of all other views alike.
Each view is spread evenly over time, and no two fall on the same moments: a cut of four seconds that is seen
in any view is met between the places of one by those of another.

A copy of what is registered is mostly found by a hash every few seconds. So those are asked first, and where
they find it what lies around them need not be asked, vectors above all (`asked`).
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
"""Frames whose hashes are sent, of a minute and at most; between them one more a second. Of 263 copies of 8
media by 31 edits, 96, 48 and 32 left out none (where vectors were as many)."""
FEW: Final = 16
"""Up to so many, both hashes are asked; of more, PDQ only where there is no pHash, which sees the same
cosines: the same copies were found without it."""
VECTORS: Final = (48, 600)
"""Frames whose vectors are; between them one more in two seconds, so that a cut of four seconds in a long
clip is met by one at least."""
ALIKE: Final = 0.9
"""Cosine from which one vector stands for another of the query."""
SPARED: Final = 3
"""And one in so many is asked at most, those that are least alike. Of 263 copies, for which 24 vectors each
were asked, 6.6 were left, and none was lost; nor at a cosine of .8 and 4.0."""
MINUTE: Final = 60.0

EFFORTS: Final = ((4, 15), (16, 8))
"""With so many hashes at most, so many bits of each band are turned, one at a time; with more,
`LEAST_EFFORT`: many hashes of one query find together what one of them misses."""
LEAST_EFFORT: Final = 2
FIRST_EFFORT: Final = 0
"""And of each that is asked first none: what it misses is asked afterwards, by what lies around it. Of 263
copies none was lost, and documents cost PostgreSQL 1.5 ms less than with one bit."""

SPACING: Final = 3.0
"""Seconds between the moments that are asked first: a cut of four seconds is met by one at least."""
FIRST: Final = 400
"""And at most so many."""
AGREEING: Final = 3
"""Moments at which the same must be found for what lies around them to be left out."""
KEPT: Final = 24
"""One vector in so many is asked whatever the hashes have found."""
WHOLE: Final = 0.5
"""Share of the places for the whole picture as it is. Four seconds in a minute, 13 clips: with as many places
for each view, all at the same moments, 2 were not proposed and 10 by one or two values alone, hashes or
vectors; so, none and 1."""
PARTS: Final = 0.25
"""Share for pictures in the picture and turned ones, where there are too many of all kinds."""
_PARTS: Final = frozenset(f"{view}{end}" for view in (*BOXES, *TURNS) for end in ("", ".mirror"))


def hashes(duration: float) -> int:
    """How many frames of a query of `duration` seconds ask by their hashes."""
    return int(min(HASHES[0] + max(duration - MINUTE, 0.0), HASHES[1]))


def vectors(duration: float) -> int:
    """How many ask by their vectors."""
    return int(min(VECTORS[0] + max(duration - MINUTE, 0.0) / 2, VECTORS[1]))


def effort(count: int) -> int:
    """How hard each of so many hashes of a query is looked for, 0-16."""
    return next((bits for most, bits in EFFORTS if count <= most), LEAST_EFFORT)


@dataclass(frozen=True, slots=True)
class Asked:
    """What of a query is sent. `first`: pHash-256 of moments that stand for what lies around them; each of
    the other values comes with the moment, from 1 on, around which it lies, 0: it is asked in any case."""

    first: tuple[bytes, ...]
    phash256: dict[bytes, int]
    pdq: dict[bytes, int]
    sscd: tuple[tuple[bytes, int], ...]


def asked(frames: Iterable[Frame], duration: float) -> Asked:
    """What is sent of the `frames` that say enough, of a query of `duration` seconds."""
    given = list(frames)
    hashed = sorted(
        (*chosen(given, hashes(duration)), *_reframed(given, hashes(duration))), key=lambda frame: frame.time
    )
    embedded = chosen([frame for frame in given if frame.sscd is not None], vectors(duration))
    times, first = _first(given, duration)
    if len(first) < AGREEING:
        times, first = [], ()
    places = [_around(times, frame.time, duration) for frame in hashed]
    both = list(zip(hashed, places, strict=True))
    doubly = len(hashed) <= FEW
    return Asked(
        first=first,
        phash256=_once((frame.phash256, place) for frame, place in both if frame.phash256 not in first),
        pdq=_once((frame.pdq, place) for frame, place in both if doubly or frame.phash256 is None),
        sscd=tuple(
            (vector, _around(times, time, duration) if number % KEPT else 0)
            for number, (vector, time) in enumerate(_unlike(embedded, -(-vectors(duration) // SPARED)))
        ),
    )


def _unlike(frames: Sequence[Frame], most: int) -> list[tuple[bytes, float]]:
    """Vectors and times of `most` frames at most, in their order: each as unlike those chosen before as can
    be (k-center, Gonzalez, 1985), until all that are left are like one of them."""
    given = [(frame.sscd, frame.time) for frame in frames if frame.sscd is not None]
    if not given:
        return []
    values = np.frombuffer(b"".join(vector for vector, _ in given), dtype="<f2")
    rows = values.astype(np.float32).reshape(len(given), -1)
    alike: NDArray[np.float32] = rows @ rows.T
    kept = [0]
    while len(kept) < most and (nearest := alike[kept].max(axis=0)).min() < ALIKE:
        kept.append(int(nearest.argmin()))
    return [given[place] for place in sorted(kept)]


def _first(frames: Sequence[Frame], duration: float) -> tuple[list[float], tuple[bytes, ...]]:
    """Times and pHash-256 of the moments that are asked first, the whole picture as it is."""
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
    """Which of `times` is nearest to `time`, from 1 on; 0 where none is near."""
    after = bisect_left(times, time)
    near = [place for place in (after - 1, after) if 0 <= place < len(times)]
    best = min(near, key=lambda place: abs(times[place] - time), default=None)
    return 0 if best is None or abs(times[best] - time) > _spacing(duration) else best + 1


def _once(values: Iterable[tuple[bytes | None, int]]) -> dict[bytes, int]:
    """Each value with its moment; what is seen around several is asked in any case."""
    found: dict[bytes, int] = {}
    for value, place in values:
        if value is not None:
            found[value] = place if found.get(value, place) == place else 0
    return found


def chosen(frames: Sequence[Frame], most: int) -> list[Frame]:
    """`most` of the frames at most, in their order; none of the views that undo a crop."""
    frames = reframed.without(frames)
    if len(frames) <= most:
        return frames
    wholes, others, parts = _kinds(frames)
    for_wholes = min(len(wholes), max(int(WHOLE * most), most - len(others) - len(parts)))
    left = most - for_wholes
    for_parts = min(len(parts), max(int(PARTS * most), left - len(others)))
    kept = [
        *_by_view(frames, wholes, for_wholes),
        *_by_view(frames, others, left - for_parts),
        *_by_view(frames, parts, for_parts),
    ]
    return [frames[index] for index in sorted(kept)]


def _reframed(frames: Sequence[Frame], most: int) -> list[Frame]:
    """About `most` frames of the views that undo a crop, as many of each, one at least: only one is right."""
    some = [index for index, frame in enumerate(frames) if frame.view in REFRAMED]
    kept = _by_view(frames, some, max(most, len({frames[index].view for index in some})))
    return [frames[index] for index in kept]


def _kinds(frames: Sequence[Frame]) -> tuple[list[int], list[int], list[int]]:
    """The indices of the frames as they are, of the whole in other views, and of parts and turned ones."""
    whole = [index for index, frame in enumerate(frames) if frame.view == FULL]
    parts = [index for index, frame in enumerate(frames) if frame.view in _PARTS]
    neither = set(range(len(frames))).difference(whole, parts)
    return whole, sorted(neither), parts


def _by_view(frames: Sequence[Frame], some: Sequence[int], most: int) -> list[int]:
    """`most` of the indices `some`, as many of each view as can be, spread evenly, each view between the
    moments of the others."""
    views: dict[str, list[int]] = {}
    for index in some:
        views.setdefault(frames[index].view, []).append(index)
    kept: list[int] = []
    # Whatever a rare view leaves of its share goes to the commoner ones.
    for place, indices in enumerate(sorted(views.values(), key=len)):
        wanted = (most - len(kept)) // (len(views) - place)
        kept += _spread(indices, wanted, (place + 0.5) / len(views))
    return kept


def _spread(indices: Sequence[int], wanted: int, phase: float) -> list[int]:
    """`wanted` of the indices, evenly; `phase`: 0-1, how far the first lies into its share of them."""
    if wanted >= len(indices):
        return list(indices)
    return [indices[int((at + phase) * len(indices) / wanted)] for at in range(wanted)]
