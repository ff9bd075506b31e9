"""Which seconds of a query show which seconds of an asset.

Offsets are voted over time. Each pair of a query instant and an asset instant has a similarity; pairs that
are alike vote for their difference in time; for the offsets with most votes the diagonal is walked, and
the one along which most instants agree wins (a Hough transform over time, as in the alignment stage of
Douze et al., "An image-based approach to video copy detection", 2010). Instants in a row become spans, gaps
bridged; what is left of the query votes again, so that several cuts of one asset are several spans.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from registry.domain import distance
from registry.domain.timeline import Timeline

SSCD_FLOOR: Final = 0.45
"""Cosine at which two frames begin to be alike; unrelated photographs stay under .50 (0 of 14 M pairs)."""
HASH_FLOOR: Final = 80
"""Distance of 256 bits at which two frames begin to be alike; unrelated ones: 91 of 25.6 M pairs at 80."""
PAIR_MIN: Final = 0.2
"""Similarity from which a pair votes: SSCD .56, or a hash distance of 64."""
GRID: Final = 0.25
"""Step of the offset vote, in seconds: half of the 2 Hz sampling."""
REACH: Final = 0.3
"""How far from the diagonal an asset instant may lie, in seconds."""
BRIDGE: Final = 2.1
"""Longest stretch without agreement inside one span, in seconds."""
EDGE: Final = 0.6
"""A span that begins or ends this near to the asset's own edge is taken to reach it, in seconds."""
MAX_OFFSETS: Final = 32
MAX_SPANS: Final = 12


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the query, `query` [start, end] in seconds, and the stretch of the asset it shows."""

    query: tuple[float, float]
    asset: tuple[float, float]
    speed: float
    mirrored: bool


@dataclass(frozen=True, slots=True)
class Aligned:
    """A span and its evidence.

    `query_times` and `asset_times`: the aligned instants, pairwise, in seconds. `frames`: how many distinct
    query instants agree, `asset_frames` how many distinct asset instants they show. `score`: their mean
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


@dataclass(frozen=True, slots=True)
class Similarity:
    """(m, n) matrices over distinct instants: `score` 0-1, `plain` and `flipped` best hash distances
    (0-256) without and with mirroring, `sscd` best cosine (-1 where unknown)."""

    query_times: NDArray[np.float64]
    asset_times: NDArray[np.float64]
    asset_ends: NDArray[np.float64]
    score: distance.Floats
    plain: NDArray[np.int16]
    flipped: NDArray[np.int16]
    sscd: distance.Floats


def similarity(query: Timeline, asset: Timeline) -> Similarity:
    """Compare every query instant with every asset instant, the best of their views counting."""
    query_times, query_first = np.unique(query.times, return_index=True)
    asset_times, asset_first = np.unique(asset.times, return_index=True)
    ends = np.maximum.reduceat(asset.times + asset.durations, asset_first)

    nearest = np.minimum(
        _masked(
            distance.hamming(query.phash256, asset.phash256), query.has_phash256, asset.has_phash256, 256
        ),
        _masked(distance.hamming(query.pdq, asset.pdq), query.has_pdq, asset.has_pdq, 256),
    )
    turned = query.mirrored[:, None] != asset.mirrored[None, :]
    vectors = _masked(distance.cosine(query.sscd, asset.sscd), query.has_sscd, asset.has_sscd, -1)

    def lowest(matrix: NDArray[np.int16]) -> NDArray[np.int16]:
        rows = np.minimum.reduceat(matrix, query_first, axis=0)
        return np.asarray(np.minimum.reduceat(rows, asset_first, axis=1))

    plain = lowest(np.where(turned, np.int16(256), nearest))
    flipped = lowest(np.where(turned, nearest, np.int16(256)))
    cosine = np.maximum.reduceat(np.maximum.reduceat(vectors, query_first, axis=0), asset_first, axis=1)
    by_hash = (HASH_FLOOR - np.minimum(plain, flipped)) / HASH_FLOOR
    by_sscd = (cosine - SSCD_FLOOR) / (1 - SSCD_FLOOR)
    score = np.clip(np.maximum(by_hash, by_sscd), 0, 1).astype(np.float32)
    return Similarity(query_times, asset_times, ends, score, plain, flipped, cosine)


def align(
    query: Timeline, asset: Timeline, *, query_duration: float, asset_duration: float
) -> tuple[Aligned, ...]:
    """The stretches of `query` that show `asset`, best first; empty where nothing agrees.

    A side with one instant (a still) aligns by its best pair alone; such a span has one frame.
    """
    if not len(query) or not len(asset):
        return ()
    pairs = similarity(query, asset)
    limits = (query_duration, asset_duration)
    if len(pairs.query_times) == 1 or len(pairs.asset_times) == 1:
        return _single(pairs, limits)
    free = np.ones(len(pairs.query_times), dtype=np.bool_)
    found: list[Aligned] = []
    while len(found) < MAX_SPANS and free.any():
        path = _best_diagonal(pairs, free)
        if path is None:
            break
        offset, rows, columns = path
        for run in _runs(pairs.query_times[rows]):
            aligned = _aligned(pairs, rows[run], columns[run], offset, limits)
            if aligned is not None:
                found.append(aligned)
        free[rows] = False
    return tuple(sorted(found, key=lambda one: one.frames * one.score, reverse=True)[:MAX_SPANS])


def _masked[Number: np.generic](
    matrix: NDArray[Number], rows: NDArray[np.bool_], columns: NDArray[np.bool_], missing: int
) -> NDArray[Number]:
    return np.where(rows[:, None] & columns[None, :], matrix, np.asarray(missing, dtype=matrix.dtype))


def _best_diagonal(
    pairs: Similarity, free: NDArray[np.bool_]
) -> tuple[float, NDArray[np.int64], NDArray[np.int64]] | None:
    """The offset along which most agrees, with its query rows and asset columns; None where nothing does."""
    rows, columns = np.nonzero((pairs.score >= PAIR_MIN) & free[:, None])
    if not len(rows):
        return None
    best: tuple[float, float, NDArray[np.int64], NDArray[np.int64]] | None = None
    for offset in _voted(pairs, rows, columns):
        scores, at = _along(pairs, offset)
        scores = np.where(free, scores, 0)
        agreeing = np.nonzero(scores >= PAIR_MIN)[0]
        total = float(scores[agreeing].sum())
        if len(agreeing) and (best is None or total > best[0] + 1e-6):
            best = (total, offset, agreeing, at[agreeing])
    return best[1:] if best else None


def _voted(pairs: Similarity, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> list[float]:
    """Offsets in seconds, most votes first. A merged asset frame votes for every offset that it covers."""
    latest = pairs.query_times[rows] - pairs.asset_times[columns]
    spread = np.maximum(pairs.asset_ends[columns] - pairs.asset_times[columns] - 2 * GRID, 0)
    weight = pairs.score[rows, columns]
    steps = np.floor(spread / (2 * GRID)).astype(int)
    ticks = [np.round(latest / GRID)]
    weights = [weight]
    for step in range(1, min(int(steps.max(initial=0)), 60) + 1):
        longer = steps >= step
        ticks.append(np.round((latest[longer] - step * 2 * GRID) / GRID))
        weights.append(weight[longer])
    values, index = np.unique(np.concatenate(ticks), return_inverse=True)
    votes = np.bincount(index, weights=np.concatenate(weights))
    # An offset that lies between two ticks has its votes split between them.
    heard = votes + 0.5 * (np.append(votes[1:], 0) + np.append(0, votes[:-1]))
    order = np.argsort(-heard, kind="stable")[:MAX_OFFSETS]
    return [float(value) * GRID for value in values[order]]


def _along(pairs: Similarity, offset: float) -> tuple[distance.Floats, NDArray[np.int64]]:
    """(m,) scores and asset columns met when the query is laid on the asset at `offset`."""
    wanted = pairs.query_times - offset
    last = len(pairs.asset_times) - 1
    before = np.clip(np.searchsorted(pairs.asset_times, wanted + 1e-6, side="right") - 1, 0, last)
    after = np.clip(before + 1, 0, last)
    rows = np.arange(len(wanted))
    best = np.zeros(len(wanted), dtype=np.float32)
    at = before.copy()
    for columns in (before, after):
        apart = np.maximum(pairs.asset_times[columns] - wanted, wanted - pairs.asset_ends[columns])
        # Nearer to the diagonal is a little better, so that still footage settles on the true offset.
        lean = 0.02 * np.abs(np.clip(pairs.asset_times[columns] - wanted, -REACH, REACH))
        scores = np.where(apart <= REACH, pairs.score[rows, columns] - lean, 0)
        better = scores > best
        best[better] = scores[better]
        at[better] = columns[better]
    return best, at


def _runs(times: NDArray[np.float64]) -> list[slice]:
    """Slices of ascending `times` without a gap over BRIDGE."""
    cuts = np.nonzero(np.diff(times) > BRIDGE)[0] + 1
    edges = [0, *cuts.tolist(), len(times)]
    return [slice(start, end) for start, end in itertools.pairwise(edges)]


def _aligned(
    pairs: Similarity,
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
    offset: float,
    limits: tuple[float, float],
) -> Aligned | None:
    if len(rows) < 2:
        return None
    query_times = pairs.query_times[rows]
    asset_times = np.clip(query_times - offset, pairs.asset_times[columns], pairs.asset_ends[columns])
    query, asset = _edges(query_times, offset, limits)
    if query[1] - query[0] <= 0:
        return None
    return _evidence(pairs, rows, columns, query_times, asset_times, query, asset)


def _edges(
    times: NDArray[np.float64], offset: float, limits: tuple[float, float]
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Where a run of agreeing samples begins and ends on both sides.

    The true edge lies within one sampling step outside the run: half a step is the best guess, and
    where the asset's own edge, or the query's, lies within EDGE of it, that edge is.
    """
    query_duration, asset_duration = limits
    half = GRID
    start, end = float(times[0]) - half, float(times[-1]) + half
    if start - offset < EDGE:
        start = offset
    if asset_duration - (end - offset) < EDGE:
        end = asset_duration + offset
    if start < EDGE:
        start = max(0.0, offset) if offset > start else 0.0
    if query_duration - end < EDGE and asset_duration + offset >= query_duration - EDGE:
        end = query_duration
    start = max(start, 0.0, offset)
    end = min(end, query_duration, asset_duration + offset)
    return (start, end), (max(0.0, start - offset), min(asset_duration, end - offset))


def _single(pairs: Similarity, limits: tuple[float, float]) -> tuple[Aligned, ...]:
    """A still on either side: the best pair stands for itself and says nothing of time."""
    row, column = np.unravel_index(int(np.argmax(pairs.score)), pairs.score.shape)
    if pairs.score[row, column] < PAIR_MIN:
        return ()
    rows, columns = np.array([row]), np.array([column])
    query_time, asset_time = float(pairs.query_times[row]), float(pairs.asset_times[column])
    asset_end = min(float(pairs.asset_ends[column]), limits[1])
    query = (query_time, query_time) if limits[0] > query_time else (0.0, limits[0])
    if len(pairs.query_times) == 1:
        query = (0.0, limits[0])
    asset = (asset_time, max(asset_time, asset_end))
    return (_evidence(pairs, rows, columns, np.array([query_time]), np.array([asset_time]), query, asset),)


def _evidence(
    pairs: Similarity,
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
    query_times: NDArray[np.float64],
    asset_times: NDArray[np.float64],
    query: tuple[float, float],
    asset: tuple[float, float],
) -> Aligned:
    plain, flipped = pairs.plain[rows, columns], pairs.flipped[rows, columns]
    mirrored = bool(flipped.mean() < min(plain.mean(), HASH_FLOOR) - 4)
    hashed = flipped if mirrored else plain
    vectors = pairs.sscd[rows, columns]
    return Aligned(
        span=Span(
            query=(round(query[0], 2), round(query[1], 2)),
            asset=(round(asset[0], 2), round(asset[1], 2)),
            speed=1.0,
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
