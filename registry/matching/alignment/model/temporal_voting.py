"""Lines in time: where a query's seconds lie in an asset's, found by votes.

A line says `asset time = speed * query time + start`. Each pair of alike moments votes for the starts at
which the two overlap, by how long they do and how alike they are (a Hough transform over time, as in the
alignment stage of Douze et al., "An image-based approach to video copy detection", 2010). The overlap of
two intervals is a trapezoid in `start`, so the sum over all pairs is had for every start at once by summing
second differences twice. Other speeds, and backwards, are tried only where 1.0 leaves likeness unexplained.

Footage in which little moves is alike at every second: a clip shown twice may as well be shown once, slowly.
So lines are not taken one by one. The query is parted among them all, for the most likeness less a cost for
each change of line, the more the odder its speed (Viterbi's algorithm).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from registry.core.numbers import Floats, Ints
from registry.matching.alignment.model.similarity import Similarity, usual

TICK: Final = 0.05
"""Step of the vote, in seconds."""
SPEEDS: Final = (0.8, 1.25, -1.0, 0.9, 1.1, 0.5, 2.0, 0.75, 1.5)
"""Speeds tried beside 1.0; the best is then refined."""
EXPLAINED: Final = 0.985
"""Share of the likeness that playing at 1.0 explains in true copies: .98-1.0 measured; sped up or slowed down
by a quarter .67-.98, backwards .33-.94."""
CHANGE: Final = 0.5
"""Likeness that a change of line must bring, in looks, each at most 1 ..."""
ODD: Final = 0.1
"""... and what more where it goes to another speed than 1.0, or backwards ..."""
SLOW: Final = 0.4
"""... or as much for each halving of the speed: loops are commoner than slow motion, and as like it."""
HINT: Final = 0.1
"""Likeness, in looks, for which another line is weighed at all."""
PART: Final = 0.4
"""Share of what the best other speed explains from which a likelier one is weighed too."""
LINES: Final = 16
"""Lines weighed at once ..."""
VOTES: Final = 400_000
"""... and pairs that vote for the later ones, all together."""
UNLIKELY: Final = 0.07
"""Nearer to 1.0 than this, another speed is the samples' rounding rather than somebody's edit."""
GRAZE: Final = 0.2
"""Share of the shorter moment that must be shared; less is a neighbour's edge."""
TICKS: Final = 2_000_000
TOGETHER: Final = 100_000
"""Speeds times pairs that are looked at together."""
BENDS: Final = np.array([1.0, -1.0, -1.0, 1.0])[:, None, None]
"""How the votes of a pair bend where its overlap begins, is full, falls and ends."""

Edges = tuple[Floats, Floats, Floats, Floats]


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


def walks(pairs: Similarity) -> list[Walk]:
    """The walks among which the query is parted, those with most first; each moment is in one at most."""
    if not len(pairs.rows):
        return []
    walk = _walk(pairs, 1.0)
    lengths = pairs.query.ends - pairs.query.starts
    worth = _most(pairs, pairs.rows, pairs.score) * lengths
    if walk.total >= EXPLAINED * worth.sum():
        return [walk]
    # Moments that are held against one of the other side say little more than one of them.
    of_asset = pairs.asset.ends - pairs.asset.starts
    look = max(usual(lengths), usual(of_asset))
    pool = _pool(pairs, walk, worth, look)
    return _parted(pairs, pool, look) if len(pool) > 1 else pool


def _pool(pairs: Similarity, walk: Walk, worth: Floats, look: float) -> list[Walk]:
    """The walks to choose from: at 1.0, at the best other speed, and then, forwards and backwards, whatever
    explains most of what 1.0 and those after it do not."""
    others = _other_speeds(pairs, worth)
    speeds = tuple(dict.fromkeys((1.0, -1.0, *(other.line.speed for other in others[-1:]))))
    said = _most(pairs, pairs.rows[walk.pairs], pairs.score[walk.pairs])
    further: list[Walk] = []
    left = VOTES
    while len(further) < LINES and left > 0:
        gain = pairs.score - said[pairs.rows]
        kept = np.nonzero(gain > 0)[0]
        if not len(kept):
            break
        left -= len(kept)
        rest = replace(pairs.of(kept), score=gain[kept])
        found = max(_walks(rest, speeds), key=lambda walk: walk.total - look * _oddness(walk.line))
        if found.total < HINT * look:
            break
        beside = [found.line]
        if found.line.speed != 1:
            own = rest.of(np.isin(rest.rows, rest.rows[found.pairs]))
            beside.append(_walk(own, 1.0).line)
        for line in beside:
            further.append(_along(pairs, line))
            met = further[-1].pairs
            said = np.maximum(said, _most(pairs, pairs.rows[met], pairs.score[met]))
    else:
        # More repeats than can be weighed: a slow line would take those that are left over.
        others = [other for other in others if _dense(pairs, other, worth) > _dense(pairs, walk, worth)]
    return [walk, *others, *further]


def _other_speeds(pairs: Similarity, worth: Floats) -> list[Walk]:
    """The walks at the speed that explains most, and at the one that explains its own moments best: a loop
    has a line of its speed a repeat, and much of them all lies near one that is slower."""
    tried = _walks(pairs, SPEEDS)
    most = max(tried, key=lambda item: item.total)
    enough = [walk for walk in tried if walk.total >= PART * most.total]
    likest = max(enough, key=lambda item: _dense(pairs, item, worth))
    return [_refined(pairs, item) for item in ((most,) if most is likest else (most, likest))]


def _refined(pairs: Similarity, walk: Walk) -> Walk:
    """The walk at the speed near this one that explains most."""
    for share in (0.06, 0.03, 0.015):
        speed = walk.line.speed
        both = _walks(pairs, (speed * (1 - share), speed * (1 + share)))
        likely = [walk for walk in both if abs(walk.line.speed - 1) >= UNLIKELY]
        walk = max(walk, *likely, key=lambda item: item.total)
    return _walk(pairs, -1.0) if abs(walk.line.speed + 1) < UNLIKELY else walk


def _parted(pairs: Similarity, pool: list[Walk], look: float) -> list[Walk]:
    """The pool's walks, each with the moments in which it is the best, changes of line being paid for."""
    lengths = (pairs.query.ends - pairs.query.starts) / look
    rows = np.unique(pairs.rows)
    gains = np.zeros((len(rows), len(pool)))
    for index, one in enumerate(pool):
        met = pairs.rows[one.pairs]
        gains[np.searchsorted(rows, met), index] = pairs.score[one.pairs] * lengths[met]
    cost = np.array([CHANGE + _oddness(walk.line) for walk in pool])
    came = np.empty(gains.shape, dtype=np.int64)
    stays = np.arange(len(pool))
    total = -cost
    for row, gain in enumerate(gains):
        best = int(total.argmax())
        changed = total[best] - cost
        came[row] = np.where(changed > total, best, stays)
        total = np.maximum(changed, total) + gain
    chosen = np.empty(len(rows), dtype=np.int64)
    state = int(total.argmax())
    for row in range(len(rows) - 1, -1, -1):
        chosen[row] = state
        state = int(came[row, state])
    parted = []
    for index in np.unique(chosen):
        kept = pool[index].pairs
        kept = kept[chosen[np.searchsorted(rows, pairs.rows[kept])] == index]
        parted.append(Walk(pool[index].line, kept, _total(pairs, kept)))
    return sorted(parted, key=lambda item: item.total, reverse=True)


def _oddness(line: Line) -> float:
    """What a line's speed costs, in looks."""
    if line.speed <= 0:
        return ODD
    return 0.0 if line.speed == 1 else max(ODD, -SLOW * float(np.log2(line.speed)))


def _most(pairs: Similarity, rows: Ints, score: Floats) -> Floats:
    """Of each of the query's moments the best of these scores, 0 where there is none."""
    most = np.zeros(len(pairs.query))
    np.maximum.at(most, rows, score)
    return most


def _dense(pairs: Similarity, walk: Walk, worth: Floats) -> float:
    """How much of what its own moments are worth a walk explains, 0-1."""
    return walk.total / max(float(worth[pairs.rows[walk.pairs]].sum()), 1e-9)


def _walk(pairs: Similarity, speed: float) -> Walk:
    """The walk of this speed with most votes."""
    return _walks(pairs, (speed,))[0]


def _walks(pairs: Similarity, speeds: Sequence[float]) -> list[Walk]:
    """Of each speed the walk with most votes, all at once where that takes little memory: of small arrays
    each call costs more than what it does."""
    if len(speeds) > 1 and len(speeds) * len(pairs.rows) > TOGETHER:
        return [_walk(pairs, speed) for speed in speeds]
    edges = _edges(pairs, speeds)
    starts = _peaks(pairs, edges)
    if starts is None:
        return [_walk(pairs, speed) for speed in speeds]
    lines = [Line(speed, start) for speed, start in zip(speeds, starts.tolist(), strict=True)]
    return [
        Walk(line, met, _total(pairs, met))
        for line, met in zip(lines, _met(pairs, starts, edges), strict=True)
    ]


def _along(pairs: Similarity, line: Line) -> Walk:
    met = _met(pairs, np.array([line.start]), _edges(pairs, (line.speed,)))[0]
    return Walk(line, met, _total(pairs, met))


def _total(pairs: Similarity, met: Ints) -> float:
    rows = pairs.rows[met]
    return float((pairs.score[met] * (pairs.query.ends[rows] - pairs.query.starts[rows])).sum())


def _peaks(pairs: Similarity, edges: Edges) -> Floats | None:
    """(s,) the start with most votes of each speed; None where several take too much memory together."""
    early, late, opens, closes = edges
    # Of each pair: where the overlap, as a function of `start`, begins, is full, falls and ends.
    begins, ends = opens - late, closes - early
    tops, falls = opens - early, closes - late
    knots = np.stack([begins, np.minimum(tops, falls), np.maximum(tops, falls), ends])
    # Whole multiples of the tick, so that the commonest starts, 0 and whole samples, are hit exactly.
    low = (np.floor(begins.min(axis=1) / TICK) - 1) * TICK
    count = int(((ends.max(axis=1) - low) / TICK).max()) + 4
    tick = TICK
    if count * len(low) > TICKS:
        if len(low) > 1:
            return None
        tick, count = TICK * count / TICKS, TICKS + 4
    width = count + 2
    at = (knots - low[:, None]) / tick
    floor = np.floor(at)
    weight = BENDS * pairs.score
    upper = weight * (at - floor)
    bins = (floor.astype(np.int64) + np.arange(0, width * len(low), width)[:, None]).ravel()
    bends = np.bincount(bins, (weight - upper).ravel(), width * len(low))
    bends += np.bincount(bins + 1, upper.ravel(), width * len(low))
    votes = np.cumsum(np.cumsum(bends.reshape(len(low), width), axis=1), axis=1) * tick
    # Still footage votes alike for many starts: the middle of the plateau is the best guess.
    plateau = votes >= votes.max(axis=1, keepdims=True) * (1 - 1e-6) - 1e-9
    first = plateau.argmax(axis=1)
    last = [begin + _run(row[begin:]) - 1 for begin, row in zip(first.tolist(), plateau, strict=True)]
    # The second sum of the second differences runs one tick ahead of the knots.
    return np.asarray(low + ((first + last) / 2 + 1) * tick)


def _run(true: NDArray[np.bool_]) -> int:
    """How many of these are true before the first that is not."""
    length = int(true.argmin())
    return length if not true[length] else len(true)


def _met(pairs: Similarity, starts: Floats, edges: Edges) -> list[Ints]:
    """Along the line of each speed, of each query moment the pair with most likeness, in query order."""
    early, late, opens, closes = edges
    start = starts[:, None]
    shared = np.minimum(late + start, closes) - np.maximum(early + start, opens)
    shorter = np.minimum(late - early, closes - opens)
    weight = np.where(shared > GRAZE * shorter, shared * pairs.score, -1.0)
    # Pairs come in order of the query's moments.
    begins = np.ones(len(pairs.rows), dtype=np.bool_)
    np.not_equal(pairs.rows[1:], pairs.rows[:-1], out=begins[1:])
    first = np.flatnonzero(begins)
    most = np.maximum.reduceat(weight, first, axis=1)
    best = weight == most[:, np.cumsum(begins) - 1]
    chosen = np.minimum.reduceat(np.where(best, np.arange(len(begins)), len(begins)), first, axis=1)
    return [some[likeness > 0] for some, likeness in zip(chosen, most, strict=True)]


def _edges(pairs: Similarity, speeds: Sequence[float]) -> Edges:
    """(s, k) of each speed and pair the first and the last of the query's moment, at this speed, and of the
    asset's.

    A moment is what is seen at its start, and stands for a step at least: the last picture of a cut is shown
    for less, and may be nearer to the asset's next picture than to the one before. Backwards it stands for as
    long before as after, or what is seen at one time on both sides would only touch.
    """
    rows, columns = pairs.rows, pairs.columns
    starts, ends = pairs.query.starts[rows], pairs.query.ends[rows]
    opens, closes = pairs.asset.starts[columns], pairs.asset.ends[columns]
    shape = (len(speeds), len(rows))
    early, late, begins, stops = (np.empty(shape) for _ in range(4))
    one, other = pairs.query.step, pairs.asset.step
    ends, closes = np.maximum(ends, starts + one), np.maximum(closes, opens + other)
    for at, speed in enumerate(speeds):
        if speed > 0:
            early[at], late[at], begins[at], stops[at] = speed * starts, speed * ends, opens, closes
            continue
        early[at], late[at] = speed * (ends - one / 2), speed * (starts - one / 2)
        begins[at], stops[at] = opens - other / 2, closes - other / 2
    return early, late, begins, stops
