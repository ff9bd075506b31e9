"""Temporal voting: find the lines in time on which a query's seconds lie in an asset.

A line is `asset time = speed * query time + start`. Each pair of similar moments votes for the starts at
which the two overlap, weighted by the length of the overlap and the similarity. This is a Hough transform
over time, as in the alignment stage of Douze et al., "An image-based approach to video copy detection", 2010.
The overlap of two intervals is a trapezoid in `start`. So summing second differences twice gives the sum over
all pairs for every start at once. Other speeds, and backwards, are tried only if speed 1.0 leaves similarity
unexplained.

Footage with little movement is alike at every second: a clip shown twice might as well be shown once, slowly.
So lines are not chosen one by one. Viterbi's algorithm divides the query among all of them. It maximises
similarity minus a cost for each change of line, which is higher for unusual speeds.

A walk is the pairs that agree along one line.
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
"""Share of the similarity that playback at 1.0 explains in true copies: measured .98-1.0. Sped up or slowed
down by a quarter .67-.98, backwards .33-.94."""
CHANGE: Final = 0.5
"""Similarity, in samples of at most 1 each, that a change of line must gain ..."""
ODD: Final = 0.1
"""... plus this if the new line's speed is not 1.0, or it runs backwards ..."""
SLOW: Final = 0.4
"""... or plus this for each halving of the speed: loops are more common than slow motion, and look the
same."""
OFFERED: Final = np.array([0.5, 0.75, 0.8, 0.9, 1.0, 1.1, 1.2, 1.25, 1.5, 2.0])
"""Speeds that players and editors offer, and 1 ..."""
STRANGE: Final = 0.5
"""... and the further cost of any other speed. Before a still wall all moments look alike, and some odd speed
fits best by chance. Of 25 cuts and changes of speed of seven clips, 18 were placed right with it, 16
without."""
BESIDE: Final = 0.02
"""Share by which a speed may differ from an offered one: the samples round it."""
HINT: Final = 0.1
"""Least similarity, in samples, for which another line is considered at all."""
PART: Final = 0.4
"""Share of what the best other speed explains from which a speed that fits its own moments better is
considered."""
LINES: Final = 16
"""Most further lines considered ..."""
VOTES: Final = 400_000
"""... and most pairs that vote for them, in total."""
UNLIKELY: Final = 0.07
"""A speed nearer to 1.0 than this is rounding of the samples rather than an edit."""
GRAZE: Final = 0.2
"""Share of the shorter moment that must overlap; less is the edge of a neighbour."""
TICKS: Final = 2_000_000
TOGETHER: Final = 100_000
"""Most speeds times pairs computed at once."""
BENDS: Final = np.array([1.0, -1.0, -1.0, 1.0])[:, None, None]
"""Second differences of a pair's votes where its overlap begins, is full, falls and ends."""

Edges = tuple[Floats, Floats, Floats, Floats]


@dataclass(frozen=True, slots=True)
class Line:
    """`asset time = speed * query time + start`, in seconds; backwards if `speed` is negative."""

    speed: float
    start: float

    def asset(self, query: float) -> float:
        return self.speed * query + self.start

    def query(self, asset: float) -> float:
        return (asset - self.start) / self.speed


@dataclass(frozen=True, slots=True)
class Walk:
    """Pairs that agree along a line: indices into the pairs, one per query moment, in query order.

    `total`: seconds of the query, each weighted by its similarity.
    """

    line: Line
    pairs: Ints
    total: float


def walks(pairs: Similarity) -> list[Walk]:
    """Divide the query among walks, the largest first. Each moment is in at most one."""
    if not len(pairs.rows):
        return []
    walk = _walk(pairs, 1.0)
    lengths = pairs.query.ends - pairs.query.starts
    worth = _best_scores(pairs, pairs.rows, pairs.score) * lengths
    if walk.total >= EXPLAINED * worth.sum():
        return [walk]
    # Several moments compared with one moment of the other side count little more than one.
    of_asset = pairs.asset.ends - pairs.asset.starts
    look = max(usual(lengths), usual(of_asset))
    pool = _pool(pairs, walk, worth, look)
    return _divided(pairs, pool, look) if len(pool) > 1 else pool


def _pool(pairs: Similarity, walk: Walk, worth: Floats, look: float) -> list[Walk]:
    """Collect the walks to choose from.

    They are the walk at 1.0, those at the best other speeds, and then, forwards and backwards, whatever
    explains most of the rest.
    """
    other_speeds = _other_speeds(pairs, worth)
    speeds = tuple(dict.fromkeys((1.0, -1.0, *(walk.line.speed for walk in other_speeds[-1:]))))
    explained = _best_scores(pairs, pairs.rows[walk.pairs], pairs.score[walk.pairs])
    further: list[Walk] = []
    votes_left = VOTES
    while len(further) < LINES and votes_left > 0:
        gain = pairs.score - explained[pairs.rows]
        gaining = np.nonzero(gain > 0)[0]
        if not len(gaining):
            break
        votes_left -= len(gaining)
        unexplained = replace(pairs.of(gaining), score=gain[gaining])
        best = max(_walks(unexplained, speeds), key=lambda walk: walk.total - look * _speed_cost(walk.line))
        if best.total < HINT * look:
            break
        beside = [best.line]
        if best.line.speed != 1:
            same_moments = unexplained.of(np.isin(unexplained.rows, unexplained.rows[best.pairs]))
            beside.append(_walk(same_moments, 1.0).line)
        for line in beside:
            further.append(along(pairs, line))
            members = further[-1].pairs
            explained = np.maximum(explained, _best_scores(pairs, pairs.rows[members], pairs.score[members]))
    else:
        # There are more repeats than can be considered: a slow line would take those that are left over.
        other_speeds = [
            other
            for other in other_speeds
            if _explained_share(pairs, other, worth) > _explained_share(pairs, walk, worth)
        ]
    return [walk, *other_speeds, *further]


def _other_speeds(pairs: Similarity, worth: Floats) -> list[Walk]:
    """Return the walks at the speed that explains most and at the speed that explains its own moments best.

    A loop has one line of its speed per repeat. A slower line lies near much of all of them.
    """
    tried = _walks(pairs, SPEEDS)
    largest = max(tried, key=lambda walk: walk.total)
    enough = [walk for walk in tried if walk.total >= PART * largest.total]
    densest = max(enough, key=lambda walk: _explained_share(pairs, walk, worth))
    return [_refined(pairs, walk) for walk in ((largest,) if largest is densest else (largest, densest))]


def _refined(pairs: Similarity, walk: Walk) -> Walk:
    """Return the walk at the speed near this one that explains most."""
    for share in (0.06, 0.03, 0.015):
        speed = walk.line.speed
        neighbours = _walks(pairs, (speed * (1 - share), speed * (1 + share)))
        likely = [walk for walk in neighbours if abs(walk.line.speed - 1) >= UNLIKELY]
        walk = max(walk, *likely, key=lambda candidate: candidate.total)
    return _walk(pairs, -1.0) if abs(walk.line.speed + 1) < UNLIKELY else walk


def _divided(pairs: Similarity, pool: list[Walk], look: float) -> list[Walk]:
    """Return the pool's walks, each with the moments in which it is best, after the cost of line changes."""
    lengths = (pairs.query.ends - pairs.query.starts) / look
    rows = np.unique(pairs.rows)
    gains = np.zeros((len(rows), len(pool)))
    for index, walk in enumerate(pool):
        moments = pairs.rows[walk.pairs]
        gains[np.searchsorted(rows, moments), index] = pairs.score[walk.pairs] * lengths[moments]
    cost = np.array([CHANGE + _speed_cost(walk.line) for walk in pool])
    previous = np.empty(gains.shape, dtype=np.int64)
    stays = np.arange(len(pool))
    total = -cost
    for row, gain in enumerate(gains):
        best = int(total.argmax())
        changed = total[best] - cost
        previous[row] = np.where(changed > total, best, stays)
        total = np.maximum(changed, total) + gain
    chosen = np.empty(len(rows), dtype=np.int64)
    state = int(total.argmax())
    for row in range(len(rows) - 1, -1, -1):
        chosen[row] = state
        state = int(previous[row, state])
    parted = []
    for index in np.unique(chosen):
        members = pool[index].pairs
        members = members[chosen[np.searchsorted(rows, pairs.rows[members])] == index]
        parted.append(Walk(pool[index].line, members, _total(pairs, members)))
    return sorted(parted, key=lambda walk: walk.total, reverse=True)


def _speed_cost(line: Line) -> float:
    """Return the cost of a line's speed, in samples."""
    if line.speed <= 0:
        return ODD
    if line.speed == 1:
        return 0.0
    strange = float(np.abs(OFFERED / line.speed - 1).min()) > BESIDE
    return max(ODD, -SLOW * float(np.log2(line.speed))) + (STRANGE if strange else 0.0)


def _best_scores(pairs: Similarity, rows: Ints, score: Floats) -> Floats:
    """Return the best of these scores for each of the query's moments; 0 if there is none."""
    most = np.zeros(len(pairs.query))
    np.maximum.at(most, rows, score)
    return most


def _explained_share(pairs: Similarity, walk: Walk, worth: Floats) -> float:
    """Return how much of its own moments' similarity a walk explains, 0-1."""
    return walk.total / max(float(worth[pairs.rows[walk.pairs]].sum()), 1e-9)


def _walk(pairs: Similarity, speed: float) -> Walk:
    """Return the walk of this speed with most votes."""
    return _walks(pairs, (speed,))[0]


def _walks(pairs: Similarity, speeds: Sequence[float]) -> list[Walk]:
    """Return, for each speed, the walk with most votes.

    All are computed at once if that takes little memory: for small arrays a call costs more than its work.
    """
    if len(speeds) > 1 and len(speeds) * len(pairs.rows) > TOGETHER:
        return [_walk(pairs, speed) for speed in speeds]
    edges = _edges(pairs, speeds)
    starts = _peaks(pairs, edges)
    if starts is None:
        return [_walk(pairs, speed) for speed in speeds]
    lines = [Line(speed, start) for speed, start in zip(speeds, starts.tolist(), strict=True)]
    return [
        Walk(line, members, _total(pairs, members))
        for line, members in zip(lines, _members(pairs, starts, edges), strict=True)
    ]


def along(pairs: Similarity, line: Line) -> Walk:
    """Return the walk along a line: the best pair of each moment that lies on it."""
    members = _members(pairs, np.array([line.start]), _edges(pairs, (line.speed,)))[0]
    return Walk(line, members, _total(pairs, members))


def _total(pairs: Similarity, members: Ints) -> float:
    rows = pairs.rows[members]
    return float((pairs.score[members] * (pairs.query.ends[rows] - pairs.query.starts[rows])).sum())


def _peaks(pairs: Similarity, edges: Edges) -> Floats | None:
    """Return (s,) the start with most votes for each speed; None if several take too much memory together."""
    early, late, opens, closes = edges
    # Of each pair: where the overlap, as a function of `start`, begins, is full, falls and ends.
    begins, ends = opens - late, closes - early
    tops, falls = opens - early, closes - late
    knots = np.stack([begins, np.minimum(tops, falls), np.maximum(tops, falls), ends])
    # Whole multiples of the tick hit the most common starts, 0 and whole samples, exactly.
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
    # Still footage votes equally for many starts: the middle of the plateau is the best guess.
    plateau = votes >= votes.max(axis=1, keepdims=True) * (1 - 1e-6) - 1e-9
    first = plateau.argmax(axis=1)
    last = [begin + _run(row[begin:]) - 1 for begin, row in zip(first.tolist(), plateau, strict=True)]
    # The second sum of the second differences runs one tick ahead of the knots.
    return np.asarray(low + ((first + last) / 2 + 1) * tick)


def _run(true: NDArray[np.bool_]) -> int:
    """Count the leading values that are true."""
    length = int(true.argmin())
    return length if not true[length] else len(true)


def _members(pairs: Similarity, starts: Floats, edges: Edges) -> list[Ints]:
    """Return, for each speed, the best pair of each query moment along its line, in query order."""
    early, late, opens, closes = edges
    start = starts[:, None]
    shared = np.minimum(late + start, closes) - np.maximum(early + start, opens)
    shorter = np.minimum(late - early, closes - opens)
    weight = np.where(shared > GRAZE * shorter, shared * pairs.score, -1.0)
    # Pairs are in order of the query's moments.
    begins = np.ones(len(pairs.rows), dtype=np.bool_)
    np.not_equal(pairs.rows[1:], pairs.rows[:-1], out=begins[1:])
    first = np.flatnonzero(begins)
    most = np.maximum.reduceat(weight, first, axis=1)
    best = weight == most[:, np.cumsum(begins) - 1]
    chosen = np.minimum.reduceat(np.where(best, np.arange(len(begins)), len(begins)), first, axis=1)
    return [some[likeness > 0] for some, likeness in zip(chosen, most, strict=True)]


def _edges(pairs: Similarity, speeds: Sequence[float]) -> Edges:
    """Return (s, k) start and end of each pair's query moment, scaled by each speed, and of its asset moment.

    A moment shows what is seen at its start, and lasts at least one step. The last picture of a cut is shown
    for less, and may be nearer to the asset's next picture than to the one before. Backwards, a moment
    extends as long before as after; otherwise moments seen at the same time on both sides would only touch.
    """
    rows, columns = pairs.rows, pairs.columns
    starts, ends = pairs.query.starts[rows], pairs.query.ends[rows]
    opens, closes = pairs.asset.starts[columns], pairs.asset.ends[columns]
    shape = (len(speeds), len(rows))
    early, late, begins, stops = (np.empty(shape) for _ in range(4))
    query_step, asset_step = pairs.query.step, pairs.asset.step
    ends, closes = np.maximum(ends, starts + query_step), np.maximum(closes, opens + asset_step)
    for at, speed in enumerate(speeds):
        if speed > 0:
            early[at], late[at], begins[at], stops[at] = speed * starts, speed * ends, opens, closes
            continue
        early[at], late[at] = speed * (ends - query_step / 2), speed * (starts - query_step / 2)
        begins[at], stops[at] = opens - asset_step / 2, closes - asset_step / 2
    return early, late, begins, stops
