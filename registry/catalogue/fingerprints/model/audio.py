"""Which seconds of a query sound like which seconds of an asset: Chromaprint values, aligned.

A value is 32 bits that look at `WINDOW` seconds of sound; one begins every `STEP` seconds. Nearly equal
values vote for an offset; along the best offsets, a stretch is where more bits agree than chance has it.
Silence, tones and noise are left out on both sides: all of silence is alike, and so is all of noise.

Measured (`python -m tests.bench.accuracy.sound FOLDER`) on the 37 of 49 sounds that say anything: encoded
anew as AAC of 24-48 kbit/s, as MP3 of 32, as Opus of 16, 12 dB quieter, and compressed, 259 of 259 are
found, bit error .00-.144; cuts of four seconds, as AAC of 32 kbit/s, 33 of 36 by themselves and 36 of 36 in
a minute of other sound. Unrelated pairs: none of 23,002 is found (drawn noise, tones and voices among them);
the best `LEAST` values in a row of any, at any offset, differ by .194. Two drawn melodies of sine tones on
one scale reach .11: such music is not told apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

STEP: Final = 1365 / 11025
"""Seconds from one value to the next: .1238."""
WINDOW: Final = (19 * 1365 + 4096) / 11025
"""Seconds that a value looks at: 2.72."""
BITS: Final = 32
OUTLASTS: Final = 300.0
"""Seconds of sound that count after the picture's end."""
MOST: Final = 400_000
"""Values of one sound: thirteen hours."""
ERROR: Final = 0.15
"""Share of bits that may differ over a stretch: see above."""
LEAST: Final = 10
"""Fewest values of a stretch: four seconds of sound."""
STIRRING: Final = 1.5
"""Bits by which a value differs from the one before, on average over `STIR_WIDTH`, from which it says
anything: silence and tones 0-.8, white noise .8-2.6, speech and music 2 and more."""
STIR_WIDTH: Final = 9
FLAT: Final = np.uint32(0xB57DF577)
"""The value of sound that is equally loud in all pitch classes."""
UNEVEN: Final = 9.0
"""Bits by which values differ from `FLAT`, on average over `FLAT_WIDTH`, from which they say anything: white
noise 5, pink 7, a motor boat 8, speech and music 11-18."""
FLAT_WIDTH: Final = 17
NEAR: Final = 6
"""Bits by which two values may differ to vote for an offset."""
TOLERATED: Final = 6.4
"""Bits a value by which a stretch may differ before it is longer than it is alike."""
STEADY: Final = np.uint32(0xFEFEEEEE)
"""The 26 bits that change least: the others change in 7-8 % of the values of one sound re-encoded or cut. Of
cuts of four seconds 34 of 36 share such a key with their sound (25 one of all 32 bits), in a minute of other
sound 67 of 70; of pairs of unrelated minutes one in a hundred does."""
PROBES: Final = 2_000
"""Keys that a query is looked up by at most: those of four minutes."""
CELLS: Final = 20_000_000
"""Comparisons of one alignment; beyond it the query's votes are thinned evenly."""
BLOCK: Final = 1_000_000
LEAD: Final = 0.2
TAIL: Final = 0.85
"""Seconds by which a stretch that begins or ends inside both sounds seems too long, at its begin and at its
end: a value that hears mostly what is alike agrees already (35 cuts, median)."""
OFFSETS: Final = 24
"""Offsets that are looked along."""
STRETCHES: Final = 12

Values = NDArray[np.uint32]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Sound that agrees: `query` and `asset` [start, end] in seconds, `bit_error` 0-1 (.5 is chance)."""

    query: tuple[float, float]
    asset: tuple[float, float]
    bit_error: float

    @property
    def seconds(self) -> float:
        return self.query[1] - self.query[0]


def values(raw: bytes | None = None) -> Values:
    """(n,) values of a fingerprint's `audio`; none for None."""
    return np.frombuffer(raw or b"", dtype="<u4").astype(np.uint32)


def informative(values: Values) -> Flags:
    """(n,) which values say anything: not those of silence, tones and noise."""
    if len(values) < 2:
        return np.zeros(len(values), dtype=np.bool_)
    stir = np.bitwise_count(values[1:] ^ values[:-1])
    moved = _around(np.concatenate([stir[:1], stir]), STIR_WIDTH) >= STIRRING
    return moved & (_around(np.bitwise_count(values ^ FLAT), FLAT_WIDTH) >= UNEVEN)


def keys(values: Values, most: int | None = None) -> list[int]:
    """What a sound is found by: its distinct informative values without their fickle bits, as signed 32-bit
    numbers; `most` of them, evenly chosen. None where too few could ever agree."""
    says = informative(values)
    if says.sum() < LEAST:
        return []
    own = np.unique(values[says] & STEADY).view(np.int32)
    kept: list[int] = own[_spread(len(own), most or len(own))].tolist()
    return kept


def _spread(count: int, most: int) -> NDArray[np.int64]:
    """Indices of `count` things, `most` at most, evenly."""
    return np.arange(count) if count <= most else np.linspace(0, count - 1, most).astype(np.int64)


def align(query: Values, asset: Values) -> tuple[Stretch, ...]:
    """The stretches of `query` that sound like `asset`, longest first."""
    says, said = informative(query), informative(asset)
    if says.sum() < LEAST or said.sum() < LEAST:
        return ()
    taken = np.zeros(len(query), dtype=np.bool_)
    found: list[Stretch] = []
    for offset in _offsets(query, asset, says, said):
        while len(found) < STRETCHES:
            run = _run(query, asset, says & ~taken, said, int(offset), taken)
            if run is None:
                break
            start, end, error = run
            taken[start:end] = True
            found.append(_stretch(query, asset, start, end, int(offset), error))
    return tuple(sorted(found, key=lambda item: -item.seconds))


def _around(counts: NDArray[np.uint8], width: int) -> NDArray[np.float64]:
    """(n,) mean of the `width` counts around each."""
    sums = np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])
    at = np.arange(len(counts))
    low, high = np.maximum(at - width // 2, 0), np.minimum(at + width // 2 + 1, len(counts))
    return np.asarray((sums[high] - sums[low]) / (high - low))


def _offsets(query: Values, asset: Values, says: Flags, said: Flags) -> NDArray[np.int64]:
    """Offsets (place in the asset less place in the query) with most votes, best first."""
    rows, columns = np.nonzero(says)[0], np.nonzero(said)[0]
    rows = rows[:: -(-len(rows) * len(columns) // CELLS)]
    votes = np.zeros(len(query) + len(asset) + 1)
    right = asset[columns]
    for at in range(0, len(rows), max(1, BLOCK // len(columns))):
        block = rows[at : at + max(1, BLOCK // len(columns))]
        apart = np.bitwise_count(query[block][:, None] ^ right[None, :])
        i, j = np.nonzero(apart <= NEAR)
        places = columns[j] - block[i] + len(query)
        votes += np.bincount(places, NEAR + 1.0 - apart[i, j], len(votes))
    # A cut lies between two places of the grid, and a drifting clock moves by one.
    around = votes + 0.5 * (np.append(votes[1:], 0) + np.append(0, votes[:-1]))
    best = np.argsort(-around, kind="stable")[:OFFSETS]
    return np.asarray(best[around[best] > 0] - len(query), dtype=np.int64)


def _run(
    query: Values, asset: Values, says: Flags, said: Flags, offset: int, taken: Flags
) -> tuple[int, int, float] | None:
    """The stretch of the query most alike along an offset: first value, the one after its last, bit error."""
    first, after = max(0, -offset), min(len(query), len(asset) - offset)
    if after - first < LEAST:
        return None
    mine, other = slice(first, after), slice(first + offset, after + offset)
    bits = np.bitwise_count(query[mine] ^ asset[other]).astype(np.float64)
    both, either = says[mine] & said[other], says[mine] | said[other]
    gain = np.where(either, TOLERATED - bits, 0.0)
    gain[taken[mine]] = -float(BITS * len(query))
    start, end = _most(gain)
    told = np.nonzero(both[start:end])[0]
    if len(told) < LEAST:
        return None
    start, end = start + int(told[0]), start + int(told[-1]) + 1
    error = float(bits[start:end][either[start:end]].mean()) / BITS
    return (first + start, first + end, error) if error <= ERROR else None


def _most(gain: NDArray[np.float64]) -> tuple[int, int]:
    """The run with the greatest sum."""
    sums = np.concatenate([[0.0], np.cumsum(gain)])
    lowest = np.minimum.accumulate(sums)
    end = int(np.argmax(sums - lowest))
    return int(np.argmin(sums[: end + 1])), end


def _stretch(query: Values, asset: Values, start: int, end: int, offset: int, error: float) -> Stretch:
    """In seconds. What reaches an edge of either sound reaches all of it; elsewhere it seems too long."""
    first, after = max(0, -offset), min(len(query), len(asset) - offset)
    begin = start * STEP + (LEAD if start > first + 1 else 0.0)
    stop = (end - 1) * STEP + WINDOW - (TAIL if end < after - 1 else 0.0)
    shift = offset * STEP
    return Stretch(
        (round(begin, 2), round(stop, 2)), (round(begin + shift, 2), round(stop + shift, 2)), error
    )
