"""Lines in time: where a query's seconds lie in an asset's, found by votes.

A line says `asset time = speed * query time + start`. Pairs of moments that are alike vote for the start of
the line through them (a Hough transform over time, as in the alignment stage of Douze et al., "An image-based
approach to video copy detection", 2010); the lines with most votes are walked, and the one along which most
agrees wins. Other speeds, and backwards, are tried only where playing at 1.0 leaves likeness unexplained.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from registry.domain import distance
from registry.domain.similarity import Similarity

PAIR_MIN: Final = 0.2
"""Similarity from which a pair votes: SSCD .56, or a hash distance of 64."""
GRID: Final = 0.25
"""Step of the vote, in seconds: half of the 2 Hz sampling."""
REACH: Final = 0.3
"""How far from the line an asset moment may lie, in seconds."""
SPEEDS: Final = (0.8, 1.25, -1.0, 0.9, 1.1, 0.5, 2.0, 0.75, 1.5)
"""Speeds tried beside 1.0; each is then refined."""
EXPLAINED: Final = 0.985
"""Share of the likeness that playing at 1.0 explains in true copies: .98-1.0 measured; sped up or slowed down
by a quarter .67-.98, backwards .33-.94."""
BETTER: Final = 0.6
"""Share of what 1.0 leaves unexplained that another speed must explain to be believed: samples that fall
between each other's leave a little unexplained at the true speed too."""
UNLIKELY: Final = 0.07
"""Nearer to 1.0 than this, another speed is the samples' rounding rather than somebody's edit."""
LINES: Final = 32
OTHER_LINES: Final = 10


@dataclass(frozen=True, slots=True)
class Line:
    """`asset time = speed * query time + start`, in seconds; backwards where `speed` is negative."""

    speed: float
    start: float

    def asset(self, query: float) -> float:
        return self.speed * query + self.start

    def query(self, asset: float) -> float:
        return (asset - self.start) / self.speed


@dataclass(frozen=True, slots=True)
class Walk:
    """What agrees along a line: query rows, the asset columns met, and the sum of their similarities."""

    line: Line
    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    total: float


def best(pairs: Similarity, free: NDArray[np.bool_]) -> Walk | None:
    """The walk along which most of the `free` query moments agree; None where nothing does."""
    rows, columns = np.nonzero((pairs.score >= PAIR_MIN) & free[:, None])
    if not len(rows):
        return None
    walk = _best_at(pairs, free, rows, columns, 1.0, LINES)
    likeness = pairs.score.max(axis=1)
    explainable = float(likeness[free & (likeness >= PAIR_MIN)].sum())
    if walk is not None and walk.total >= EXPLAINED * explainable:
        return walk
    others = (_best_at(pairs, free, rows, columns, speed, OTHER_LINES) for speed in SPEEDS)
    other = max((one for one in others if one is not None), key=lambda one: one.total, default=None)
    if other is None:
        return walk
    other = _refined(pairs, free, other)
    at_one = walk.total if walk is not None else 0.0
    if walk is not None and abs(other.line.speed - 1) < UNLIKELY:
        return walk
    return other if other.total - at_one >= BETTER * (explainable - at_one) else walk


def _best_at(
    pairs: Similarity,
    free: NDArray[np.bool_],
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
    speed: float,
    most: int,
) -> Walk | None:
    found: Walk | None = None
    for start in _voted(pairs, rows, columns, speed)[:most]:
        walk = _walk(pairs, free, Line(speed, start))
        if len(walk.rows) and (found is None or walk.total > found.total + 1e-6):
            found = walk
    return found


def _refined(pairs: Similarity, free: NDArray[np.bool_], walk: Walk) -> Walk:
    """A little faster and slower around the middle of the walk, while that explains more."""
    middle = float(np.median(pairs.query_times[walk.rows]))
    for share in (0.06, 0.03, 0.015):
        for turn in (1 - share, 1 + share):
            speed = walk.line.speed * turn
            line = Line(speed, walk.line.asset(middle) - speed * middle)
            other = _walk(pairs, free, line)
            if other.total > walk.total:
                walk = other
    return walk


def _voted(
    pairs: Similarity, rows: NDArray[np.int64], columns: NDArray[np.int64], speed: float
) -> list[float]:
    """Starts in seconds, most votes first. A merged asset frame votes for every start that it covers."""
    first = pairs.asset_times[columns] - speed * pairs.query_times[rows]
    spread = np.maximum(pairs.asset_ends[columns] - pairs.asset_times[columns] - 2 * GRID, 0)
    weight = pairs.score[rows, columns]
    steps = np.floor(spread / (2 * GRID)).astype(int)
    ticks = [np.round(first / GRID)]
    weights = [weight]
    for step in range(1, min(int(steps.max(initial=0)), 60) + 1):
        longer = steps >= step
        ticks.append(np.round((first[longer] + step * 2 * GRID) / GRID))
        weights.append(weight[longer])
    values, index = np.unique(np.concatenate(ticks), return_inverse=True)
    votes = np.bincount(index, weights=np.concatenate(weights))
    # A start that lies between two ticks has its votes split between them.
    heard = votes + 0.5 * (np.append(votes[1:], 0) + np.append(0, votes[:-1]))
    order = np.argsort(-heard, kind="stable")[:LINES]
    return [float(value) * GRID for value in values[order]]


def _walk(pairs: Similarity, free: NDArray[np.bool_], line: Line) -> Walk:
    scores, at = _along(pairs, line)
    scores = np.where(free, scores, 0)
    agreeing = np.nonzero(scores >= PAIR_MIN)[0]
    return Walk(line, agreeing, at[agreeing], float(scores[agreeing].sum()))


def _along(pairs: Similarity, line: Line) -> tuple[distance.Floats, NDArray[np.int64]]:
    """(m,) scores and asset columns met along the line."""
    wanted = line.speed * pairs.query_times + line.start
    last = len(pairs.asset_times) - 1
    before = np.clip(np.searchsorted(pairs.asset_times, wanted + 1e-6, side="right") - 1, 0, last)
    after = np.clip(before + 1, 0, last)
    rows = np.arange(len(wanted))
    best_score = np.zeros(len(wanted), dtype=np.float32)
    at = before.copy()
    for columns in (before, after):
        apart = np.maximum(pairs.asset_times[columns] - wanted, wanted - pairs.asset_ends[columns])
        # Nearer to the line is a little better, so that still footage settles on the true start.
        lean = 0.02 * np.abs(np.clip(pairs.asset_times[columns] - wanted, -REACH, REACH))
        scores = np.where(apart <= REACH, pairs.score[rows, columns] - lean, 0)
        better = scores > best_score
        best_score[better] = scores[better]
        at[better] = columns[better]
    return best_score, at
