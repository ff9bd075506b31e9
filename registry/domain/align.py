"""Which seconds of a query show which seconds of an asset.

Similarity says which moments are alike, a line which seconds belong together; moments in a row become spans,
gaps bridged; what is left of the query is aligned again, so that several cuts of one asset are several spans.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from registry.domain import distance, lines, similarity
from registry.domain.lines import GRID, PAIR_MIN, Line, Walk
from registry.domain.similarity import HASH_FLOOR, Similarity
from registry.domain.timeline import Timeline

BRIDGE: Final = 2.1
"""Longest stretch without agreement inside one span, in seconds."""
EDGE: Final = 0.6
"""A span that begins or ends this near to an edge of the asset, or of the query, is taken to reach it, in
seconds: the samples on either side are half a second apart."""
MAX_SPANS: Final = 12


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the query, `query` [start, end] in seconds, and the stretch of the asset it shows.

    `speed`: seconds of the asset that pass in one second of the query; negative: backwards.
    """

    query: tuple[float, float]
    asset: tuple[float, float]
    speed: float
    mirrored: bool


@dataclass(frozen=True, slots=True)
class Aligned:
    """A span and its evidence.

    `query_times` and `asset_times`: the aligned moments, pairwise, in seconds. `frames`: how many distinct
    query moments agree, `asset_frames` how many distinct asset moments they show. `score`: their mean
    similarity, 0-1. `phash`: mean share of equal bits of the better hash; `sscd`: mean cosine, None
    where either side lacks it.
    """

    span: Span
    query_times: tuple[float, ...]
    asset_times: tuple[float, ...]
    frames: int
    asset_frames: int
    score: float
    phash: float | None
    sscd: float | None


def align(
    query: Timeline, asset: Timeline, *, query_duration: float, asset_duration: float
) -> tuple[Aligned, ...]:
    """The stretches of `query` that show `asset`, best first; empty where nothing agrees.

    A side with one moment (a still) aligns by its best pair alone; such a span has one frame.
    """
    if not len(query) or not len(asset):
        return ()
    pairs = similarity.similarity(query, asset)
    limits = (query_duration, asset_duration)
    if len(pairs.query_times) == 1 or len(pairs.asset_times) == 1:
        return _single(pairs, limits)
    free = np.ones(len(pairs.query_times), dtype=np.bool_)
    found: list[Aligned] = []
    while len(found) < MAX_SPANS and free.any():
        walk = lines.best(pairs, free)
        if walk is None:
            break
        for run in _runs(pairs.query_times[walk.rows]):
            aligned = _aligned(pairs, walk, run, limits)
            if aligned is not None:
                found.append(aligned)
        free[walk.rows] = False
    return tuple(sorted(found, key=lambda one: one.frames * one.score, reverse=True)[:MAX_SPANS])


def _runs(times: NDArray[np.float64]) -> list[slice]:
    """Slices of ascending `times` without a gap over BRIDGE."""
    cuts = np.nonzero(np.diff(times) > BRIDGE)[0] + 1
    edges = [0, *cuts.tolist(), len(times)]
    return [slice(start, end) for start, end in itertools.pairwise(edges)]


def _aligned(pairs: Similarity, walk: Walk, run: slice, limits: tuple[float, float]) -> Aligned | None:
    rows, columns = walk.rows[run], walk.columns[run]
    if len(rows) < 2:
        return None
    query_times = pairs.query_times[rows]
    on_line = walk.line.speed * query_times + walk.line.start
    asset_times = np.clip(on_line, pairs.asset_times[columns], pairs.asset_ends[columns])
    query = _edges(query_times, walk.line, limits)
    if query[1] - query[0] <= 0:
        return None
    ends = sorted(min(max(walk.line.asset(edge), 0.0), limits[1]) for edge in query)
    span = (query, (ends[0], ends[1]))
    return _evidence(pairs, rows, columns, query_times, asset_times, span, walk.line.speed)


def _edges(times: NDArray[np.float64], line: Line, limits: tuple[float, float]) -> tuple[float, float]:
    """Where a run of agreeing samples begins and ends in the query.

    The true edge lies within one sampling step outside the run: half a step is the best guess, and
    where the asset's own edge lies within EDGE of it, or the query's, that edge is.
    """
    query_duration, asset_duration = limits
    # The seconds of the query at which the line enters and leaves the asset.
    enters, leaves = sorted((line.query(0.0), line.query(asset_duration)))
    start, end = float(times[0]) - GRID, float(times[-1]) + GRID
    if start - enters < EDGE:
        start = enters
    if leaves - end < EDGE:
        end = leaves
    if start < EDGE and enters < EDGE:
        start = max(0.0, enters)
    if query_duration - end < EDGE and leaves > query_duration - EDGE:
        end = min(query_duration, leaves)
    return max(start, 0.0, enters), min(end, query_duration, leaves)


def _single(pairs: Similarity, limits: tuple[float, float]) -> tuple[Aligned, ...]:
    """A still on either side: the best pair stands for itself and says nothing of time."""
    row, column = np.unravel_index(int(np.argmax(pairs.score)), pairs.score.shape)
    if pairs.score[row, column] < PAIR_MIN:
        return ()
    rows, columns = np.array([row]), np.array([column])
    query_time, asset_time = float(pairs.query_times[row]), float(pairs.asset_times[column])
    query = (query_time, query_time) if len(pairs.query_times) > 1 else (0.0, limits[0])
    asset = (asset_time, max(asset_time, min(float(pairs.asset_ends[column]), limits[1])))
    times = np.array([query_time]), np.array([asset_time])
    return (_evidence(pairs, rows, columns, *times, (query, asset), 1.0),)


def _evidence(
    pairs: Similarity,
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
    query_times: NDArray[np.float64],
    asset_times: NDArray[np.float64],
    span: tuple[tuple[float, float], tuple[float, float]],
    speed: float,
) -> Aligned:
    plain, flipped = pairs.plain[rows, columns], pairs.flipped[rows, columns]
    mirrored = bool(flipped.mean() < min(plain.mean(), HASH_FLOOR) - 4)
    hashed = flipped if mirrored else plain
    vectors = pairs.sscd[rows, columns]
    query, asset = span
    return Aligned(
        span=Span(
            query=(round(query[0], 2), round(query[1], 2)),
            asset=(round(asset[0], 2), round(asset[1], 2)),
            speed=round(speed, 2),
            mirrored=mirrored,
        ),
        query_times=tuple(query_times.tolist()),
        asset_times=tuple(asset_times.tolist()),
        frames=len(rows),
        asset_frames=len(np.unique(columns)),
        score=float(pairs.score[rows, columns].mean()),
        phash=float(1 - hashed.mean() / distance.HASH_BITS) if hashed.min() < distance.HASH_BITS else None,
        sscd=float(vectors.mean()) if vectors.min() > -1 else None,
    )
