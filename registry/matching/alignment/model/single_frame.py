"""Count the different pictures that two aligned stretches share. A single picture is a still and decides
nothing.

A still is seldom shown unchanged: grain and encoding change it, a slow zoom or a pan moves it. So pictures
are counted on both sides, then the motion of the two sides is compared. Each moment of the query must be more
like its own moment of the asset than like the others. The difference is measured as a share of the total
change on both sides. In a still, no moment stands out, whatever was done to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from registry.catalogue.fingerprints.model import distance
from registry.catalogue.fingerprints.model.timeline import Timeline
from registry.core.numbers import Floats, Ints

STILL_BITS: Final = 3
STILL_SSCD: Final = 0.9985
"""Frames nearer than this (STILL_BITS, STILL_SSCD) are one picture, however long it is shown."""
TOGETHER: Final = 0.15
"""Least share of their motion that two stretches must have in common. 367 copies of 13 clips, most of them
heads, have .19 and more (one, played backwards and aligned forwards, .05). 45 stills of 9 heads shown for 8
s, zoomed, panned, shaken or grained, have .11 and less against their head. 11 of 561 stretches of 1.5-4 s of
these have .15 and more."""
LEAST: Final = 0.002
"""Mean distance of a side's pictures (1 - cosine, or share of bits) below which its motion is unknown."""
MOST: Final = 32
"""Most moments compared, evenly spread."""


@dataclass(frozen=True, slots=True)
class Side:
    """k moments of a timeline. The frames of moment i are `rows[edges[i]:edges[i + 1]]`."""

    timeline: Timeline
    rows: Ints
    edges: Ints


def side(timeline: Timeline, times: Floats, *, mirrored: bool = False, areas: Floats | None = None) -> Side:
    """Return the moments of a timeline at exactly these times, at most MOST.

    Each moment keeps its frames of this orientation and (if given) of this (k, 4) part of the picture. If
    there are none, it keeps all of its frames.
    """
    chosen = evenly_spread(len(times))
    firsts = np.searchsorted(timeline.times, times[chosen])
    lasts = np.searchsorted(timeline.times, times[chosen], side="right")
    if (lasts - firsts == 1).all():
        return Side(timeline, firsts, np.arange(len(chosen)))
    rows: list[Ints] = []
    for at, first, last in zip(chosen, firsts, lasts, strict=True):
        frames = np.arange(first, last)
        suitable = timeline.mirrored[frames] == mirrored
        if areas is not None:
            suitable &= (np.abs(timeline.areas[frames] - areas[at]) < 1e-6).all(axis=1)
        rows.append(frames[suitable] if suitable.any() else frames)
    edges = np.cumsum([0, *(len(some) for some in rows[:-1])])
    return Side(timeline, np.concatenate(rows), edges.astype(np.int64))


@lru_cache(maxsize=1024)
def evenly_spread(count: int) -> Ints:
    """Return up to MOST evenly spread indices below `count`. The array is cached: do not change it."""
    return np.unique(np.linspace(0, count - 1, min(count, MOST)).astype(np.int64))


def pictures(query: Side, asset: Side) -> int:
    """Count the different pictures of the poorer of two aligned stretches; 1 if they do not move together."""
    shown = min(_differing(query), _differing(asset))
    if shown < 2:
        return 1
    return shown if together(query, asset) >= TOGETHER else 1


def together(query: Side, asset: Side) -> float:
    """Return the motion that two aligned stretches have in common, -1 to 1.

    It tells how much more alike matching moments are than wrongly paired ones, as a share of the change on
    both sides. SSCD is used if present, otherwise hashes: crops and captions leave hashes little of the
    motion.
    """
    for algorithm in (_by_sscd, _by_phash, _by_pdq):
        across, within_query, within_asset = (
            algorithm(query, asset),
            algorithm(query, query),
            algorithm(asset, asset),
        )
        comparable = ~np.isnan(np.diagonal(across))
        if comparable.sum() < 2:
            continue
        across, within_query, within_asset = (
            table[np.ix_(comparable, comparable)] for table in (across, within_query, within_asset)
        )
        moved = (_between(within_query), _between(within_asset))
        if min(moved) < LEAST:
            return 0.0
        wrongly = across.mean(axis=0)[None, :] + across.mean(axis=1)[:, None] - across.mean()
        nearer = float((wrongly - across).diagonal().mean()) * len(across) / (len(across) - 1)
        return nearer / float(np.sqrt(moved[0] * moved[1]))
    return 0.0


def _between(table: Floats) -> float:
    """Return the mean distance of different moments."""
    count = len(table)
    return float(np.maximum(table, 0)[~np.eye(count, dtype=np.bool_)].mean())


def _differing(some: Side) -> int:
    """Count the first picture and all that differ from it."""
    end = some.edges[1] if len(some.edges) > 1 else len(some.rows)
    first = Side(some.timeline, some.rows[:end], some.edges[:1])
    bits = np.fmax(_by_phash(first, some)[0], _by_pdq(first, some)[0]) * distance.HASH_BITS
    apart = (bits > STILL_BITS) | (_by_sscd(first, some)[0] > 1 - STILL_SSCD)
    return 1 + int(apart[1:].sum())


def _by_sscd(first: Side, second: Side) -> Floats:
    left, right = first.timeline, second.timeline
    if not (left.has_sscd[first.rows].any() and right.has_sscd[second.rows].any()):
        return np.full((len(first.edges), len(second.edges)), np.nan)
    cosine = distance.cosine(left.sscd[first.rows], right.sscd[second.rows])
    return _nearest(1 - cosine.astype(np.float64), first, second, left.has_sscd, right.has_sscd)


def _by_phash(first: Side, second: Side) -> Floats:
    left, right = first.timeline, second.timeline
    bits = distance.hamming(left.phash256[first.rows], right.phash256[second.rows])
    return _nearest(bits / distance.HASH_BITS, first, second, left.has_phash256, right.has_phash256)


def _by_pdq(first: Side, second: Side) -> Floats:
    left, right = first.timeline, second.timeline
    bits = distance.hamming(left.pdq[first.rows], right.pdq[second.rows])
    return _nearest(bits / distance.HASH_BITS, first, second, left.has_pdq, right.has_pdq)


def _nearest(
    table: Floats, first: Side, second: Side, left: NDArray[np.bool_], right: NDArray[np.bool_]
) -> Floats:
    """Return (k, k) distances between moments, by their nearest frames; NaN if either moment has none."""
    present = left[first.rows][:, None] & right[second.rows][None, :]
    nearest = np.where(present, table, np.nan)
    if len(first.edges) < len(first.rows):
        nearest = np.fmin.reduceat(nearest, first.edges, axis=0)
    if len(second.edges) < len(second.rows):
        nearest = np.fmin.reduceat(nearest, second.edges, axis=1)
    return nearest
