"""Alignment of peaks: find the seconds of a query that sound like seconds of an asset, in any speed and pitch
of .8 to 1.25.

Triplets of peaks with the same key vote for a speed, an offset and a shift of pitch. The best of these lines
are fitted to the peaks that fall on each other. A stretch is a run in which more peaks do than by chance.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from registry.catalogue.fingerprints.model import peaks
from registry.catalogue.fingerprints.model.audio import Stretch
from registry.catalogue.fingerprints.model.peaks import TICK, Peaks, Triplets, Values

SPEEDS: Final = np.arange(-24, 25) / 100
"""Natural logarithms of the speeds that are voted for."""
SPEED_APART: Final = 0.08
"""By how much the speed of a single triplet may differ, on that scale."""
SLOWEST: Final = 0.3
SHARPEST: Final = 24
"""Most units of pitch that a line shifts by."""
BINS: Final = (32, 4)
"""Units of time and of pitch within which votes are counted together."""
VOTES: Final = 3
LINES: Final = 8
CROWDED: Final = 30
"""Triplets of an asset with one key from which that key does not vote."""
PAIRS: Final = 200_000
"""Most votes of an alignment. Of more, an even share is taken."""
WIDE: Final = (12, 4)
NEAR: Final = (3, 1)
"""Units of time and of pitch within which peaks fall on each other: 17 ms, a fifth of a semitone."""
AROUND: Final = 170
"""Units of time around the votes that a line is fitted to first: a second."""
EXPECTED: Final = 0.24
"""Share of a query's peaks that must fall on an asset's for a run to go on."""
ALIKE: Final = (0.44, 0.3)
"""Least share over a stretch, where speed or pitch are changed and where they are not."""
EXCESS: Final = 12
"""Fewest peaks above that share. A run is chosen, so that a short one reaches the share by chance."""
LEAST: Final = 24
"""Fewest peaks of a stretch that fall on each other: a second of sound."""
UNCHANGED: Final = (0.004, 0.6)
"""Change of speed, and units of pitch, up to which a line is taken for that of a plain copy."""
EXACT: Final = (0.0012, 0.14)
"""The same within which a copy stays that keeps both, by codecs, telephones, rooms and noise. Another take
of a text by one voice differs by more in one of them: by .15 if espeak-ng is asked for 1 % of pitch, by .0033
if it is asked for .6 % of speed (decision 148)."""
WORTH: Final = 0.25
"""Bit error of a stretch without any peak in common."""
EDGE: Final = 120
"""Units of time within which a stretch extends to the beginning of a sound: .7 s."""
HOLE: Final = 24
"""Peaks of a query in a row of which hardly any falls on the asset's, that are other sound: .8 s."""
FEW: Final = 0.12

Places = NDArray[np.int64]


class Line(NamedTuple):
    """Maps a query onto an asset: time * `speed` + `offset`, pitch + `shift`, in units of peaks."""

    speed: float
    offset: float
    shift: float


class Marks(NamedTuple):
    """A sound, prepared for alignments: its peaks, its triplets and their keys as an
    asset and as a query."""

    peaks: Peaks
    triplets: Triplets
    keys: Places
    asked: Places

    @classmethod
    def of(cls, values: Values) -> Marks:
        """Return the marks of values."""
        return _marks(values.astype("<u4").tobytes())


@lru_cache(maxsize=2)
def _marks(raw: bytes) -> Marks:
    found = peaks.unpacked(peaks.values(raw))
    told = peaks.triplets(found)
    return Marks(found, told, peaks.told(told), peaks.near_told(told))


def align(query: Marks, asset: Marks) -> tuple[Stretch, ...]:
    """Return the stretches of `query` that sound like `asset`, longest first. They do not overlap. None
    is sure: jingles, and short texts by one voice, have peaks enough."""
    if len(query.peaks.time) < LEAST or len(asset.peaks.time) < LEAST:
        return ()
    taken = np.zeros(len(query.peaks.time), dtype=np.bool_)
    stretches = []
    for line, around in _lines(query, asset):
        fitted = _fitted(query.peaks, asset.peaks, line, around)
        run = fitted and _run(query.peaks, asset.peaks, fitted, taken)
        if fitted and run:
            fitted = _fitted(query.peaks, asset.peaks, fitted, run, NEAR) or fitted
            run = _run(query.peaks, asset.peaks, fitted, taken)
        if fitted and run and (stretch := _stretch(query.peaks, asset.peaks, fitted, run, taken)):
            stretches.append(stretch)
            taken |= (query.peaks.time >= run[0]) & (query.peaks.time <= run[1])
    return tuple(sorted(stretches, key=lambda stretch: -stretch.seconds))


def _lines(query: Marks, asset: Marks) -> list[tuple[Line, tuple[int, int]]]:
    """Return the lines that get most votes, best first, each with the first and last time that voted."""
    speed, shift, time, there = _votes(query, asset)
    counted: list[tuple[int, float, Line, tuple[int, int]]] = []
    for logarithm in SPEEDS:
        near = np.flatnonzero(np.abs(speed - logarithm) < SPEED_APART)
        if len(near) < VOTES:
            continue
        offset = there[near] - np.exp(logarithm) * time[near]
        for half in (0.0, 0.5):
            bins = np.floor(offset / BINS[0] + half) * 64 + np.floor(shift[near] / BINS[1] + half)
            _, which, count = np.unique(bins, return_inverse=True, return_counts=True)
            for best in np.argsort(-count, kind="stable")[:LINES]:
                if count[best] >= VOTES:
                    own = which == best
                    line = Line(
                        float(np.exp(logarithm)),
                        float(np.median(offset[own])),
                        float(np.median(shift[near][own])),
                    )
                    voted = time[near][own]
                    counted.append(
                        (int(count[best]), -abs(float(logarithm)), line, (int(voted.min()), int(voted.max())))
                    )
    counted.sort(key=lambda item: item[:2], reverse=True)
    return _distinct([(line, around) for _, _, line, around in counted])


def _distinct(lines: list[tuple[Line, tuple[int, int]]]) -> list[tuple[Line, tuple[int, int]]]:
    """Leave out lines that say about the same as one with more votes."""
    kept: list[tuple[Line, tuple[int, int]]] = []
    for line, around in lines:
        middle = sum(around) / 2
        place = middle * line.speed + line.offset
        if all(
            abs(place - middle * other.speed - other.offset) > 2 * BINS[0]
            or abs(line.shift - other.shift) > 2 * BINS[1]
            for other, _ in kept
        ):
            kept.append((line, around))
            if len(kept) == LINES:
                break
    return kept


def _votes(query: Marks, asset: Marks) -> tuple[NDArray[np.float64], Places, Places, Places]:
    """Return for each two triplets with a common key: the logarithm of their speed, their shift of pitch, and
    the times of both."""
    order = np.argsort(asset.keys, kind="stable")
    sorted_keys, flat = asset.keys[order], query.asked.ravel()
    first = np.searchsorted(sorted_keys, flat)
    count = np.searchsorted(sorted_keys, flat, side="right") - first
    count[count > CROWDED] = 0
    count[np.arange(len(count)) % (1 + int(count.sum()) // PAIRS) > 0] = 0
    one = np.repeat(np.arange(len(flat)), count) // query.asked.shape[1]
    step = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
    other = order[np.repeat(first, count) + step]
    own, its = query.triplets, asset.triplets
    speed = np.log(its.spans[1][other] / own.spans[1][one])
    shift = its.pitch[other] - own.pitch[one]
    good = (np.abs(speed) < SLOWEST) & (np.abs(shift) <= SHARPEST)
    return speed[good], shift[good], own.time[one[good]], its.time[other[good]]


def _partners(query: Peaks, asset: Peaks, line: Line, near: tuple[int, int]) -> Places:
    """Return for each peak of the query the nearest of the asset, -1 if none is near."""
    time, pitch = query.time * line.speed + line.offset, query.pitch + line.shift
    low = np.searchsorted(asset.time, time - near[0])
    high = np.searchsorted(asset.time, time + near[0], side="right")
    best, least = np.full(len(time), -1), np.full(len(time), np.inf)
    for step in range(int((high - low).max(initial=0))):
        at = np.minimum(low + step, len(asset.time) - 1)
        off = np.abs(asset.pitch[at] - pitch) / (near[1] + 0.5)
        apart = np.abs(asset.time[at] - time) / near[0] + off
        apart[(low + step >= high) | (off > 1)] = np.inf
        best, least = np.where(apart < least, at, best), np.minimum(apart, least)
    return best


def _fitted(
    query: Peaks, asset: Peaks, line: Line, run: tuple[int, int], near: tuple[int, int] = WIDE
) -> Line | None:
    """Return the line through the peaks that fall on each other, in and around a run. None if few do."""
    fitted: Line = line
    inside = (query.time >= run[0] - AROUND) & (query.time <= run[1] + AROUND)
    part = Peaks(query.time[inside], query.pitch[inside], query.strong[inside])
    for tolerance in (near, near, (2 * NEAR[0], 2 * NEAR[1])):
        partner = _partners(part, asset, fitted, tolerance)
        at = np.flatnonzero(partner >= 0)
        if len(at) < LEAST // 2 or np.ptp(part.time[at]) < AROUND // 2:
            return None
        x, y = part.time[at], asset.time[partner[at]]
        rises = asset.pitch[partner[at]] - part.pitch[at]
        middle = np.median(rises)
        for _ in range(2):
            speed, offset = np.polyfit(x, y, 1)
            apart = np.abs(y - x * speed - offset)
            kept = apart <= max(2.0, 2.5 * float(np.median(apart)))
            x, y = x[kept], y[kept]
        if abs(np.log(max(speed, 0.1))) > SLOWEST:
            return None
        fitted = Line(float(speed), float(offset), float(rises[np.abs(rises - middle) <= 1].mean()))
    return fitted


def _falling(query: Peaks, asset: Peaks, line: Line) -> tuple[NDArray[np.bool_], Places]:
    """Return which peaks of the query the asset could have, and their partners in it."""
    time, pitch = query.time * line.speed + line.offset, query.pitch + line.shift
    both = (time >= asset.time[0]) & (time <= asset.time[-1]) & (pitch >= 0) & (pitch < peaks.PITCHES - 6)
    return both, _partners(query, asset, line, NEAR)


def _run(query: Peaks, asset: Peaks, line: Line, taken: NDArray[np.bool_]) -> tuple[int, int] | None:
    """Return the first and last time of the run in which most peaks fall on each other."""
    both, partner = _falling(query, asset, line)
    gain = np.where(both, (partner >= 0) - EXPECTED, 0.0)
    gain[taken] = -float(len(gain))
    sums = np.concatenate([[0.0], np.cumsum(gain)])
    end = int(np.argmax(sums - np.minimum.accumulate(sums)))
    begin = int(np.argmin(sums[: end + 1]))
    if end - begin < LEAST:
        return None
    return int(query.time[begin]), int(query.time[end - 1])


def _stretch(
    query: Peaks, asset: Peaks, line: Line, run: tuple[int, int], taken: NDArray[np.bool_]
) -> Stretch | None:
    """Return the stretch of a run. None if too few peaks fall on each other."""
    both, partner = _falling(query, asset, line)
    inside = np.flatnonzero(both & (query.time >= run[0]) & (query.time <= run[1]) & ~taken)
    falling = inside[partner[inside] >= 0]
    plain = abs(line.speed - 1) <= UNCHANGED[0] and abs(line.shift) <= UNCHANGED[1]
    if len(falling) < max(LEAST, ALIKE[plain] * len(inside) + EXCESS):
        return None
    begin = _begin(query, asset, line, run[0]) * TICK
    end = float(run[1] * TICK)
    return Stretch(
        (round(begin, 2), round(end, 2)),
        (round(begin * line.speed + line.offset * TICK, 2), round(end * line.speed + line.offset * TICK, 2)),
        WORTH * (1 - len(falling) / len(inside)),
        speed=line.speed,
        sure=False,
        exact=abs(line.speed - 1) <= EXACT[0] and abs(line.shift) <= EXACT[1],
        parts=_parts(query.time[inside], partner[inside] >= 0),
    )


def _begin(query: Peaks, asset: Peaks, line: Line, begin: int) -> float:
    """Return when a stretch begins that has its first common peak at `begin`: where either sound does, if it
    has no peaks in between or that is less than `EDGE` earlier."""
    edge = max(0.0, -line.offset / line.speed)
    there = edge * line.speed + line.offset, begin * line.speed + line.offset
    before = int(np.count_nonzero((query.time >= edge) & (query.time < begin)))
    before = min(before, int(np.count_nonzero((asset.time >= there[0]) & (asset.time < there[1] - NEAR[0]))))
    return edge if before <= 1 or begin - edge <= EDGE else float(begin)


def _parts(time: Places, falls: NDArray[np.bool_]) -> tuple[tuple[float, float], ...]:
    """Return the seconds of the query that sound like the asset: the stretch without its holes."""
    sums = np.concatenate([[0], np.cumsum(falls)])
    begins = np.zeros(len(time) + 1, dtype=np.int64)
    at = np.flatnonzero(sums[HOLE:] - sums[:-HOLE] <= FEW * HOLE)
    begins[at] += 1
    begins[at + HOLE] -= 1
    hollow = np.cumsum(begins[:-1]) > 0
    edges = np.flatnonzero(np.diff(np.concatenate([[True], hollow, [True]]).astype(np.int8)))
    return tuple(
        (round(float(time[start] * TICK), 2), round(float(time[end - 1] * TICK), 2))
        for start, end in zip(edges[::2], edges[1::2], strict=True)
        if time[end - 1] > time[start]
    )
