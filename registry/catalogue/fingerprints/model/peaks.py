"""The values of peaks.1: where a sound is louder than all around it in time and pitch.

A value has 32 bits: the time in units of `TICK`, a bit that marks a strong peak, and the pitch in units of a
sixtieth of an octave from 220 Hz on. Values are in order of time. A changed speed scales their times, a
changed pitch shifts their pitches, and what is laid over the sound removes some and adds others.

A key tells three strong peaks that follow each other within a second: two intervals of pitch and the ratio
of two spans of time. Those survive changes of speed and pitch. What does not is told coarsely: the first
pitch, and the longer span. A query asks for all cells that changes of .8 to 1.25 can lead to. Of all keys
the same quarter is kept on both sides.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

TICK: Final = 64 / 11025
"""Seconds of one unit of time."""
PER_OCTAVE: Final = 60
LOWEST: Final = 220.0
"""Hertz of pitch 0."""
PITCHES: Final = 256
MOST: Final = 1_500_000
"""Most values of one sound: thirteen hours."""
DENSEST: Final = 50
"""Most values a second in a document: some thirty are computed."""
MOST_A_SECOND: Final = 60
"""Most values in any second of a document. Of sounds made to be dense 44 were computed."""
PROBES: Final = 2_000
"""Most keys by which a query is looked up."""
KEYS: Final = 60
"""Most keys a second of a registered sound: some thirty are usual."""
SOME: Final = 8_192
"""Strong peaks whose triplets are looked for at a time."""
MANY: Final = 40_000
"""Strong peaks from which only a share of the triplets is aligned: those of an hour."""
LAGS: Final = 12
"""How many strong peaks after the first the third one may be."""
SPANS: Final = (24, 155)
"""Shortest and longest span in units of time between the first and the third peak: .14 and .9 s."""
APART: Final = 6
"""Fewest units of time between two peaks of a key."""
WIDEST: Final = 100
"""Most units of pitch between the first peak and another one."""
RATIOS: Final = 14
PITCH_CELL: Final = 40
"""Units of pitch in a cell: a pitch of .8 to 1.25 shifts by half as many."""
SPAN_CELLS: Final = np.array([24, 37.5, 58.6, 91.6, 143.1])
"""Lowest spans of the cells."""
HALF: Final = 1.25
"""Half the ratio of two cells: a speed of .8 to 1.25 changes spans by it at most."""
COMMON: Final = 2
"""Fewest keys of a query that a sound must have to be aligned with it."""
SHARE: Final = 4
"""One of so many keys is kept."""

Values = NDArray[np.uint32]
Integers = NDArray[np.int64]


class Peaks(NamedTuple):
    """Peaks in order of time: `time` and `pitch` in their units, and whether they are `strong`."""

    time: Integers
    pitch: Integers
    strong: NDArray[np.bool_]


def values(raw: bytes | None = None) -> Values:
    """Return the (n,) values of a fingerprint's `peaks`. Empty for None."""
    return np.frombuffer(raw or b"", dtype="<u4").astype(np.uint32)


def seconds(values: Values) -> float:
    """Return when the last peak is heard."""
    return float(unpacked(values[-1:]).time.sum() * TICK)


def packed(time: Integers, pitch: Integers, strong: NDArray[np.bool_]) -> Values:
    """Return the values of peaks."""
    return ((time << 9) | (strong.astype(np.int64) << 8) | pitch).astype(np.uint32)


def unpacked(values: Values) -> Peaks:
    """Return the peaks of values."""
    wide = values.astype(np.int64)
    return Peaks(wide >> 9, wide & 255, (wide >> 8 & 1).astype(np.bool_))


def keys(values: Values) -> list[int]:
    """Return the search keys of a sound that is registered."""
    kept = [_kept(told(some)) for some in _in_turn(unpacked(values))]
    own = np.unique(np.concatenate([np.empty(0, np.int64), *kept]))
    return _evenly(own, max(PROBES, int(seconds(values) * KEYS)))


def probes(values: Values) -> list[int]:
    """Return at most `PROBES` search keys of a query, evenly chosen over its time."""
    near = [_kept(near_told(some)) for some in _shares(unpacked(values))]
    return sorted({*_evenly(np.concatenate([np.empty(0, np.int64), *near]), PROBES)})


def _evenly(found: Integers, most: int) -> list[int]:
    at = np.arange(len(found)) if len(found) <= most else np.linspace(0, len(found) - 1, most).astype(int)
    chosen: list[int] = found[at].tolist()
    return chosen


class Triplets(NamedTuple):
    """Three peaks each: the `time` and `pitch` of the first, the spans of time and of pitch to the others."""

    time: Integers
    pitch: Integers
    spans: tuple[Integers, Integers]
    rises: tuple[Integers, Integers]


def triplets(peaks: Peaks) -> Triplets:
    """Return the triplets of strong peaks that are near enough to each other, in order of time. Of a sound of
    more than an hour, an even share of them."""
    parts = [np.stack(_flat(some)) for some in _shares(peaks)]
    return _shaped(np.concatenate([np.empty((6, 0), np.int64), *parts], axis=1))


def _shares(peaks: Peaks) -> Iterator[Triplets]:
    """Yield an even share of the triplets: of a sound of an hour, all."""
    step = 1 + int(peaks.strong.sum()) // MANY
    return (_shaped(np.stack(_flat(some))[:, ::step]) for some in _in_turn(peaks))


def _flat(found: Triplets) -> tuple[Integers, ...]:
    return found.time, found.pitch, *found.spans, *found.rises


def _shaped(rows: Integers) -> Triplets:
    return Triplets(rows[0], rows[1], (rows[2], rows[3]), (rows[4], rows[5]))


def _in_turn(peaks: Peaks) -> Iterator[Triplets]:
    """Yield all triplets, for some strong peaks at a time."""
    time, pitch = peaks.time[peaks.strong], peaks.pitch[peaks.strong]
    for start in range(0, len(time), SOME):
        end = min(start + SOME, len(time))
        yield _triplets(time[start : end + LAGS], pitch[start : end + LAGS], end - start)


def _triplets(time: Integers, pitch: Integers, count: int) -> Triplets:
    """Return the triplets that begin with one of the first `count` strong peaks."""
    found = [np.empty((3, 0), np.int64)]
    for far in range(2, LAGS + 1):
        first = np.arange(min(count, max(0, len(time) - far)))
        long = time[first + far] - time[first]
        first = first[(long >= SPANS[0]) & (long <= SPANS[1])]
        first = first[np.abs(pitch[first + far] - pitch[first]) <= WIDEST]
        for near in range(1, far):
            short = time[first + near] - time[first]
            good = (short >= APART) & (time[first + far] - time[first + near] >= APART)
            good &= np.abs(pitch[first + near] - pitch[first]) <= WIDEST
            found.append(np.stack([first[good], first[good] + near, first[good] + far]))
    joined = np.concatenate(found, axis=1)
    first, second, third = joined[:, np.argsort(joined[0], kind="stable")]
    rows = [time[first], pitch[first], time[second] - time[first], time[third] - time[first]]
    return _shaped(np.stack([*rows, pitch[second] - pitch[first], pitch[third] - pitch[first]]))


def crowded(time: Integers) -> bool:
    """Tell whether more than `MOST_A_SECOND` values are in a second. `time`: in units of `TICK`, ascending.
    An alignment compares all values that are near each other, so a crowd costs its square."""
    most = MOST_A_SECOND
    return bool(len(time) > most and (time[most:] - time[:-most] < 1 / TICK).any())


def told(found: Triplets) -> Integers:
    """Return (n,) keys of triplets: odd numbers of 26 bits, which no key of chromaprint.1 is."""
    return _told(found, 0, 1.0)


def near_told(found: Triplets) -> Integers:
    """Return (n, 4) keys that the triplets may have in another speed and pitch."""
    half = PITCH_CELL // 2
    return np.stack(
        [_told(found, shift, scale) for shift in (-half, half) for scale in (1 / HALF, HALF)], axis=1
    )


def _told(found: Triplets, shift: int, scale: float) -> Integers:
    rises = [(rise + WIDEST + 1) >> 1 for rise in found.rises]
    ratio = found.spans[0] * RATIOS // np.maximum(found.spans[1], 1)
    cell = (found.pitch + shift + PITCH_CELL) // PITCH_CELL
    span = np.searchsorted(SPAN_CELLS, found.spans[1] * scale, side="right")
    key: Integers = (((rises[0] << 7 | rises[1]) << 4 | ratio) << 4 | cell) << 3 | span
    return key << 1 | 1


def _kept(found: Integers) -> Integers:
    """Return those of the keys that are in the kept share, in their order."""
    flat: Integers = found.ravel()
    mixed = (flat * 2_654_435_761 & 0xFFFFFFFF) >> 16
    kept: Integers = flat[mixed % SHARE == 0]
    return kept
