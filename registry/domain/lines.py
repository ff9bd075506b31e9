"""Lines in time: where a query's seconds lie in an asset's, found by votes.

A line says `asset time = speed * query time + start`. Each pair of alike moments votes for the starts at
which the two overlap, by how long they do and how alike they are (a Hough transform over time, as in the
alignment stage of Douze et al., "An image-based approach to video copy detection", 2010). The overlap of
two intervals is a trapezoid in `start`, so the sum over all pairs is had for every start at once by summing
second differences twice. Other speeds, and backwards, are tried only where 1.0 leaves likeness unexplained.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from registry.domain.similarity import Floats, Ints, Similarity

TICK: Final = 0.05
"""Step of the vote, in seconds."""
SPEEDS: Final = (0.8, 1.25, -1.0, 0.9, 1.1, 0.5, 2.0, 0.75, 1.5)
"""Speeds tried beside 1.0; the best is then refined."""
EXPLAINED: Final = 0.985
"""Share of the likeness that playing at 1.0 explains in true copies: .98-1.0 measured; sped up or slowed down
by a quarter .67-.98, backwards .33-.94."""
BETTER: Final = 0.6
"""Share of what 1.0 leaves unexplained that another speed must explain to be believed: samples that fall
between each other's leave a little unexplained at the true speed too."""
UNLIKELY: Final = 0.07
"""Nearer to 1.0 than this, another speed is the samples' rounding rather than somebody's edit."""
GRAZE: Final = 0.2
"""Share of the shorter moment that must be shared; less is a neighbour's edge."""
TICKS: Final = 2_000_000


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
    """What agrees along a line: indices into the pairs, one a query moment, in query order; `total`: seconds
    of the query, each weighed by its likeness."""

    line: Line
    pairs: Ints
    total: float


def best(pairs: Similarity) -> Walk | None:
    """The walk along which most of the query agrees; None where nothing does."""
    if not len(pairs.rows):
        return None
    walk = _walk(pairs, 1.0)
    most = np.zeros(len(pairs.query))
    np.maximum.at(most, pairs.rows, pairs.score)
    explainable = float((most * (pairs.query.ends - pairs.query.starts)).sum())
    return walk if walk.total >= EXPLAINED * explainable else _other_speed(pairs, walk, explainable)


def _other_speed(pairs: Similarity, walk: Walk, explainable: float) -> Walk:
    other = max((_walk(pairs, speed) for speed in SPEEDS), key=lambda one: one.total)
    for share in (0.06, 0.03, 0.015):
        speed = other.line.speed
        both = (_walk(pairs, speed * (1 - share)), _walk(pairs, speed * (1 + share)))
        other = max(other, *both, key=lambda one: one.total)
    enough = other.total - walk.total >= BETTER * (explainable - walk.total)
    return other if enough and abs(other.line.speed - 1) >= UNLIKELY else walk


def _walk(pairs: Similarity, speed: float) -> Walk:
    """The walk of this speed with most votes."""
    line = _peak(pairs, speed)
    met = _met(pairs, line)
    lengths = (pairs.query.ends - pairs.query.starts)[pairs.rows[met]]
    return Walk(line, met, float((pairs.score[met] * lengths).sum()))


def _peak(pairs: Similarity, speed: float) -> Line:
    """The line of this speed with most votes."""
    begins, tops, falls, ends = _trapezoids(pairs, speed)
    # Whole multiples of the tick, so that the commonest starts, 0 and whole samples, are hit exactly.
    low = float((np.floor(begins.min() / TICK) - 1) * TICK)
    count = int((float(ends.max()) - low) / TICK) + 4
    tick = TICK
    if count > TICKS:
        tick, count = TICK * count / TICKS, TICKS + 4
    bends = np.zeros(count + 2)
    for knots, sign in ((begins, 1.0), (tops, -1.0), (falls, -1.0), (ends, 1.0)):
        at = (knots - low) / tick
        floor = np.floor(at).astype(np.int64)
        share = at - floor
        bends += np.bincount(floor, sign * pairs.score * (1 - share), count + 2)[: count + 2]
        bends += np.bincount(floor + 1, sign * pairs.score * share, count + 2)[: count + 2]
    votes = np.cumsum(np.cumsum(bends)) * tick
    top = float(votes.max())
    # Still footage votes alike for many starts: the middle of the plateau is the best guess.
    plateau = np.nonzero(votes >= top * (1 - 1e-6) - 1e-9)[0]
    first = plateau[: int(np.argmax(np.append(np.diff(plateau) > 1, True))) + 1]
    middle = float(first[0] + first[-1]) / 2
    # The second sum of the second differences runs one tick ahead of the knots.
    return Line(speed, low + (middle + 1) * tick)


def _trapezoids(pairs: Similarity, speed: float) -> tuple[Floats, Floats, Floats, Floats]:
    """Where each pair's overlap, as a function of `start`, begins, is full, falls and ends."""
    one = speed * pairs.query.starts[pairs.rows]
    other = speed * pairs.query.ends[pairs.rows]
    early, late = np.minimum(one, other), np.maximum(one, other)
    opens, closes = pairs.asset.starts[pairs.columns], pairs.asset.ends[pairs.columns]
    tops, falls = opens - early, closes - late
    return opens - late, np.minimum(tops, falls), np.maximum(tops, falls), closes - early


def _met(pairs: Similarity, line: Line) -> Ints:
    """Of each query moment the pair with most likeness along the line, in query order."""
    one = line.speed * pairs.query.starts + line.start
    other = line.speed * pairs.query.ends + line.start
    early, late = np.minimum(one, other)[pairs.rows], np.maximum(one, other)[pairs.rows]
    shared = np.minimum(late, pairs.asset.ends[pairs.columns]) - np.maximum(
        early, pairs.asset.starts[pairs.columns]
    )
    shorter = np.minimum(late - early, (pairs.asset.ends - pairs.asset.starts)[pairs.columns])
    weight = np.where(shared > GRAZE * shorter, shared * pairs.score, -1.0)
    order = np.lexsort((-weight, pairs.rows))
    first = np.unique(pairs.rows[order], return_index=True)[1]
    chosen: NDArray[np.int64] = order[first]
    return chosen[weight[chosen] > 0]
