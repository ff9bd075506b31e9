"""Audio alignment: find the seconds of a query that sound like seconds of an asset, by Chromaprint values.

A value has 32 bits and covers `WINDOW` seconds of sound. A new value begins every `STEP` seconds. Nearly
equal values vote for an offset. Along the best offsets, a stretch is a run where more bits agree than by
chance. Silence, tones and noise are excluded on both sides, because all silence is alike, and so is all
noise.

Measured with `python -m tests.bench.accuracy.sound FOLDER` on the 37 of 49 sounds that are informative.
Re-encoded as AAC of 24-48 kbit/s, MP3 of 32 or Opus of 16, 12 dB quieter, or compressed: 259 of 259 are
found, bit error .00-.144. Cuts of four seconds as AAC of 32 kbit/s: 33 of 36 alone, 36 of 36 within a minute
of other sound. Unrelated pairs: none of 23,002 is found, with synthetic noise, tones and voices among them.
Their best run of `LEAST` values at any offset differs by .194 or more. Two synthetic melodies of sine tones
on one scale reach .11, so such music cannot be told apart.

Longer stretches may differ in more bits, and are then unsure: telephones, rooms (`make bench-sound`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

STEP: Final = 1365 / 11025
"""Seconds between the starts of two values: .1238."""
WINDOW: Final = (19 * 1365 + 4096) / 11025
"""Seconds that one value covers: 2.72."""
BITS: Final = 32
OUTLASTS: Final = 300.0
"""Seconds of sound that count after the end of the picture."""
MOST: Final = 400_000
"""Most values of one sound: thirteen hours."""
ERROR: Final = 0.15
"""Highest share of bits that may differ over a stretch. See the measurements above."""
LEAST: Final = 10
"""Fewest values of a stretch: four seconds of sound."""
LONG_ERROR: Final = 0.2
LONG: Final = 32
"""Highest share of bits that may differ over a stretch of at least so many values (6.6 s). From 20 values on,
unrelated sounds differ in .22 at least (decision 141)."""
STIRRING: Final = 1.5
"""Bits by which a value must differ from the previous one to be informative, averaged over `STIR_WIDTH`
values. Measured: silence and tones 0-.8, white noise .8-2.6, speech and music 2 and more."""
STIR_WIDTH: Final = 9
FLAT: Final = np.uint32(0xB57DF577)
"""The value of sound that is equally loud in all pitch classes."""
UNEVEN: Final = 9.0
"""Bits by which values must differ from `FLAT` to be informative, averaged over `FLAT_WIDTH` values.
Measured: white noise 5, pink noise 7, a motor boat 8, speech and music 11-18."""
FLAT_WIDTH: Final = 17
NEAR: Final = 6
"""Most bits by which two values may differ to vote for an offset."""
TOLERATED: Final = 6.4
"""Average bits a value by which a stretch may differ. A worse value counts against extending the stretch."""
LONG_TOLERATED: Final = 8.0
"""The same of a long stretch."""
LONGER: Final = 1.25
"""Times as many values that a long stretch must have as one of less error, to be preferred."""
STEADY: Final = np.uint32(0xFEFEEEEE)
"""Mask of the 26 most stable bits. The other bits change in 7-8 % of the values when a sound is re-encoded or
cut.

Of cuts of four seconds, 34 of 36 share such a key with their sound (25 share one of all 32 bits). In a minute
of other sound it is 67 of 70. Of pairs of unrelated minutes, one in a hundred shares a key.
"""
PROBES: Final = 2_000
"""Most keys by which a query is looked up: those of four minutes."""
CELLS: Final = 20_000_000
"""Most comparisons of one alignment. For more, the query's votes are downsampled evenly."""
BLOCK: Final = 1_000_000
LEAD: Final = 0.2
TAIL: Final = 0.85
"""Seconds by which a stretch inside both sounds is measured too long, at its start (`LEAD`) and its end
(`TAIL`).

A value that covers mostly matching sound agrees already. Median of 35 cuts.
"""
HOLE: Final = 9.0
"""Bits by which two sounds differ where something else is heard, averaged over `HOLE_WIDTH` values. Copies
differ by 5 at most, unrelated sounds by 13 to 19."""
HOLE_WIDTH: Final = 7
LEAST_HOLE: Final = 8
"""Fewest values of other sound within a stretch: a second."""
OFFSETS: Final = 24
"""Most offsets that are examined."""
STRETCHES: Final = 12

Values = NDArray[np.uint32]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Matching sound: `query` and `asset` [start, end] in seconds, `bit_error` 0-1 (.5 is chance).

    `speed`: seconds of the asset in one of the query. `sure`: whether it is the very recording; another take
    of the same words may be alike by its length only. `exact`: whether peaks show its speed and pitch to be
    unchanged. `parts`: seconds of the query that agree; empty if not known (see `agreeing`).
    """

    query: tuple[float, float]
    asset: tuple[float, float]
    bit_error: float
    speed: float = 1.0
    sure: bool = True
    exact: bool = False
    parts: tuple[tuple[float, float], ...] = ()

    @property
    def seconds(self) -> float:
        return self.query[1] - self.query[0]

    def at(self, second: float) -> float:
        """Return the second of the asset that is heard at a second of the query."""
        return self.asset[0] + (second - self.query[0]) * self.speed

    def back(self, second: float) -> float:
        """Return the second of the query at which a second of the asset is heard."""
        return self.query[0] + (second - self.asset[0]) / self.speed

    def limited_to(self, query: tuple[float, float]) -> Stretch:
        """Return the part of the stretch in these seconds of the query."""
        asset = (round(self.at(query[0]), 2), round(self.at(query[1]), 2))
        return replace(self, query=query, asset=asset)


def values(raw: bytes | None = None) -> Values:
    """Return the (n,) values of a fingerprint's `audio`. Empty for None."""
    return np.frombuffer(raw or b"", dtype="<u4").astype(np.uint32)


def seconds(values: Values) -> float:
    """Return how many seconds a sound lasts that has these values."""
    return (len(values) - 1) * STEP + WINDOW if len(values) else 0.0


def informative(values: Values) -> Flags:
    """Return (n,) flags: False for values of silence, tones and noise."""
    if len(values) < 2:
        return np.zeros(len(values), dtype=np.bool_)
    stir = np.bitwise_count(values[1:] ^ values[:-1])
    moved = _around(np.concatenate([stir[:1], stir]), STIR_WIDTH) >= STIRRING
    return moved & (_around(np.bitwise_count(values ^ FLAT), FLAT_WIDTH) >= UNEVEN)


def keys(values: Values, most: int | None = None) -> list[int]:
    """Return the search keys of a sound: its distinct informative values, masked by `STEADY`, as signed
    32-bit numbers.

    `most`: the highest number of keys, chosen evenly. Empty if there are too few informative values to match.
    """
    is_informative = informative(values)
    if is_informative.sum() < LEAST:
        return []
    masked = np.unique(values[is_informative] & STEADY).view(np.int32)
    chosen: list[int] = masked[_spread(len(masked), most or len(masked))].tolist()
    return chosen


def near_keys(values: Values, most: int) -> list[int]:
    """Return the search keys of a sound and, of as many as fit into `most`, those that differ in one bit."""
    own = keys(values, most)
    bits = [1 << bit for bit in range(BITS) if int(STEADY) >> bit & 1]
    varied = np.array(own, dtype=np.int32)[_spread(len(own), (most - len(own)) // len(bits))].view(np.uint32)
    near = (varied[:, None] ^ np.array(bits, dtype=np.uint32)).view(np.int32)
    return [*dict.fromkeys([*own, *near.ravel().tolist()])]


def _spread(count: int, most: int) -> NDArray[np.int64]:
    """Return at most `most` evenly spaced indices of `count` items."""
    return np.arange(count) if count <= most else np.linspace(0, count - 1, most).astype(np.int64)


def align(query: Values, asset: Values) -> tuple[Stretch, ...]:
    """Return the stretches of `query` that sound like `asset`, longest first."""
    of_query, of_asset = informative(query), informative(asset)
    if of_query.sum() < LEAST or of_asset.sum() < LEAST:
        return ()
    taken = np.zeros(len(query), dtype=np.bool_)
    stretches: list[Stretch] = []
    for offset in _offsets(query, asset, of_query, of_asset):
        while len(stretches) < STRETCHES:
            run = _run(query, asset, of_query & ~taken, of_asset, int(offset), taken)
            if run is None:
                break
            start, end, error = run
            taken[start:end] = True
            stretches.append(_stretch(query, asset, start, end, int(offset), error))
    return tuple(sorted(stretches, key=lambda stretch: -stretch.seconds))


def agreeing(query: Values, asset: Values, stretch: Stretch) -> list[tuple[float, float]]:
    """Return the seconds of the query in which a stretch of it sounds like the asset.

    A stretch spans a few differing seconds if what lies around them is alike for long enough. These seconds
    are left out here, from `LEAST_HOLE` values on.
    """
    if stretch.parts:
        return [*stretch.parts]
    offset = round((stretch.asset[0] - stretch.query[0]) / STEP)
    first = max(0, -offset, round(stretch.query[0] / STEP))
    last = round((stretch.query[1] - WINDOW) / STEP) + 1
    after = min(len(query), len(asset) - offset, max(last, first + 1))
    at, of_asset = query[first:after], asset[first + offset : after + offset]
    telling = informative(query)[first:after] | informative(asset)[first + offset : after + offset]
    bits = np.where(telling, np.bitwise_count(at ^ of_asset), 0)
    differing = _around(bits.astype(np.uint8), HOLE_WIDTH) > HOLE
    edges = np.flatnonzero(np.diff(np.concatenate([[False], differing, [False]]).astype(np.int8)))
    parts, begin = [], stretch.query[0]
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        if end - start >= LEAST_HOLE:
            parts.append((begin, round((first + int(start) - 1) * STEP + WINDOW - TAIL, 2)))
            begin = round((first + int(end)) * STEP + LEAD, 2)
    parts.append((begin, stretch.query[1]))
    return [(start, end) for start, end in parts if end > start]


def _around(counts: NDArray[np.uint8], width: int) -> NDArray[np.float64]:
    """Return the (n,) means of the `width` counts around each position."""
    sums = np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])
    at = np.arange(len(counts))
    low, high = np.maximum(at - width // 2, 0), np.minimum(at + width // 2 + 1, len(counts))
    return np.asarray((sums[high] - sums[low]) / (high - low))


def _offsets(query: Values, asset: Values, of_query: Flags, of_asset: Flags) -> NDArray[np.int64]:
    """Return the offsets (position in the asset minus position in the query) with the most votes, best
    first."""
    rows, columns = np.nonzero(of_query)[0], np.nonzero(of_asset)[0]
    rows = rows[:: -(-len(rows) * len(columns) // CELLS)]
    votes = np.zeros(len(query) + len(asset) + 1)
    right = asset[columns]
    for at in range(0, len(rows), max(1, BLOCK // len(columns))):
        block = rows[at : at + max(1, BLOCK // len(columns))]
        apart = np.bitwise_count(query[block][:, None] ^ right[None, :])
        i, j = np.nonzero(apart <= NEAR)
        places = columns[j] - block[i] + len(query)
        votes += np.bincount(places, NEAR + 1.0 - apart[i, j], len(votes))
    # A cut may fall between two grid positions, and clock drift shifts the offset by one.
    around = votes + 0.5 * (np.append(votes[1:], 0) + np.append(0, votes[:-1]))
    best = np.argsort(-around, kind="stable")[:OFFSETS]
    return np.asarray(best[around[best] > 0] - len(query), dtype=np.int64)


def _run(
    query: Values, asset: Values, of_query: Flags, of_asset: Flags, offset: int, taken: Flags
) -> tuple[int, int, float] | None:
    """Return the best-matching stretch of the query at an offset: first value, end (exclusive), bit error."""
    first, after = max(0, -offset), min(len(query), len(asset) - offset)
    if after - first < LEAST:
        return None
    in_query, in_asset = slice(first, after), slice(first + offset, after + offset)
    bits = np.bitwise_count(query[in_query] ^ asset[in_asset]).astype(np.float64)
    both_informative, any_informative = (
        of_query[in_query] & of_asset[in_asset],
        of_query[in_query] | of_asset[in_asset],
    )
    best: tuple[int, int, float] | None = None
    for tolerated, least, most in ((TOLERATED, LEAST, ERROR), (LONG_TOLERATED, LONG, LONG_ERROR)):
        gain = np.where(any_informative, tolerated - bits, 0.0)
        gain[taken[in_query]] = -float(BITS * len(query))
        start, end = _best_run(gain)
        informative_at = np.nonzero(both_informative[start:end])[0]
        if len(informative_at) < least:
            continue
        start, end = start + int(informative_at[0]), start + int(informative_at[-1]) + 1
        error = float(bits[start:end][any_informative[start:end]].mean()) / BITS
        if error <= most and (best is None or end - start >= LONGER * (best[1] - best[0])):
            best = (first + start, first + end, error)
    return best


def _best_run(gain: NDArray[np.float64]) -> tuple[int, int]:
    """Return the run with the greatest sum."""
    sums = np.concatenate([[0.0], np.cumsum(gain)])
    lowest = np.minimum.accumulate(sums)
    end = int(np.argmax(sums - lowest))
    return int(np.argmin(sums[: end + 1])), end


def _stretch(query: Values, asset: Values, start: int, end: int, offset: int, error: float) -> Stretch:
    """Convert a stretch to seconds.

    At an edge of either sound, a stretch extends to that edge. Elsewhere it is shortened by `LEAD` and
    `TAIL`.
    """
    first, after = max(0, -offset), min(len(query), len(asset) - offset)
    begin = start * STEP + (LEAD if start > first + 1 else 0.0)
    stop = (end - 1) * STEP + WINDOW - (TAIL if end < after - 1 else 0.0)
    shift = offset * STEP
    return Stretch(
        (round(begin, 2), round(stop, 2)),
        (round(begin + shift, 2), round(stop + shift, 2)),
        error,
        sure=error <= ERROR,
    )
