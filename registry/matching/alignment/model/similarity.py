"""Similarity of the moments of a query and an asset: the pairs that are alike at all, with their evidence.

Moments are intervals. A frame lasts from its time to the next frame's, and longer if unchanging footage was
stored once. Memory and time are bounded for any input: `CELLS` comparisons, in blocks, and `PAIRS` pairs.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from registry.catalogue.fingerprints.model import distance
from registry.catalogue.fingerprints.model.timeline import Timeline
from registry.core.numbers import Floats, Ints

SSCD_FLOOR: Final = 0.45
"""Cosine at which two frames begin to be alike. Unrelated photographs stay below .50 (0 of 14 M pairs)."""
HASH_FLOOR: Final = 80
"""Distance of 256 bits at which two frames begin to be alike. Unrelated ones: 91 of 25.6 M pairs at 80."""
PAIR_MIN: Final = 0.2
"""Similarity from which a pair counts: SSCD .56, or a hash distance of 64."""
WHOLE: Final = 0.6
"""Similarity of the whole picture (SSCD .78, or 32 bits of 256) from which the whole is what matches. A part
may be more alike still: of a fake and its original, the part without the face is."""
CELLS: Final = 2_000_000
"""Comparisons of one alignment. Beyond it, the query is downsampled evenly."""
BLOCK: Final = 250_000
PAIRS: Final = 150_000

TIE: Final = 2e-3
"""Log-odds below this count as none: rounding differs between processors. (A cosine of 512 float32 differs by
2e-7, and by 3e-5 at most.)"""


def usual(lengths: Floats) -> float:
    """Return the 20th percentile of the lengths, as `np.quantile(lengths, 0.2)` does in ten times the time.
    At least one length is needed."""
    ordered = np.sort(lengths)
    place = 0.2 * (len(ordered) - 1)
    before = int(place)
    lower, upper = float(ordered[before]), float(ordered[min(before + 1, len(ordered) - 1)])
    share = place - before
    # Interpolate from the nearer end, which rounds as NumPy does.
    return lower + (upper - lower) * share if share < 0.5 else upper - (upper - lower) * (1 - share)


@dataclass(frozen=True)
class Moments:
    """n distinct moments of one side: `starts` and `ends` (n,) in seconds."""

    starts: Floats
    ends: Floats

    def __len__(self) -> int:
        return len(self.starts)

    @cached_property
    def step(self) -> float:
        """The usual distance between samples, in seconds: 0.5 at 2 Hz, less in short clips."""
        gaps = np.diff(self.starts)
        return min(max(usual(gaps), 0.05), 0.5) if len(gaps) else 0.5


@dataclass(frozen=True, slots=True)
class Similarity:
    """k pairs of similar moments, in order of `rows`.

    `rows`: the query's moments; `columns`: the asset's; `score`: 0-1. `plain` and `flipped`: best hash
    distances (0-256) without and with mirroring. `sscd`: best cosine (-1 if unknown). `areas` (k, 4): the
    part of the query's picture that is most alike. `looked`: the query's moments that were compared.
    """

    query: Moments
    asset: Moments
    rows: Ints
    columns: Ints
    score: Floats
    plain: Floats
    flipped: Floats
    sscd: Floats
    areas: Floats
    looked: Ints

    def of(self, chosen: NDArray[np.bool_] | Ints) -> Similarity:
        """Return some of the pairs."""
        return Similarity(
            self.query,
            self.asset,
            self.rows[chosen],
            self.columns[chosen],
            self.score[chosen],
            self.plain[chosen],
            self.flipped[chosen],
            self.sscd[chosen],
            self.areas[chosen],
            self.looked,
        )


def moments(timeline: Timeline, duration: float) -> tuple[Moments, Ints]:
    """Return the distinct moments of a timeline and the first frame of each.

    A frame without a duration lasts until the next one, at most a second.
    """
    starts, first = np.unique(timeline.times, return_index=True)
    ends = np.maximum.reduceat(timeline.times + timeline.durations, first)
    following = np.append(starts[1:], max(float(ends[-1]), duration, float(starts[-1]) + 0.5))
    unknown = ends <= starts
    ends = np.where(unknown, np.minimum(following, starts + 1.0), np.minimum(ends, following))
    return Moments(starts, ends), first


def similarity(
    query: Timeline, asset: Timeline, *, query_duration: float = 0.0, asset_duration: float = 0.0
) -> Similarity:
    """Return the pairs of moments that are alike, by the best of their views."""
    query_moments, query_first = moments(query, query_duration)
    asset_moments, asset_first = moments(asset, asset_duration)
    stride = -(-len(query_moments) * len(asset_moments) // CELLS)
    sampled = np.arange(0, len(query_moments), stride)
    per_block = max(1, BLOCK // max(len(asset.times), 1))
    blocks = []
    edges = np.append(query_first, len(query.times))
    for at in range(0, len(sampled), per_block):
        rows = sampled[at : at + per_block]
        blocks.append(_block(query, asset, rows, edges, asset_first))
    parts = [np.concatenate(column) for column in zip(*blocks, strict=True)]
    rows, columns = parts[0].astype(np.int64), parts[1].astype(np.int64)
    score, plain, flipped, cosine, areas = parts[2:]
    pairs = Similarity(
        query_moments, asset_moments, rows, columns, score, plain, flipped, cosine, areas, looked=sampled
    )
    if len(rows) <= PAIRS:
        return pairs
    return pairs.of(_fairly(pairs))


def _fairly(pairs: Similarity) -> Ints:
    """Return the best pairs of each moment, so that no stretch of the query loses all of its pairs."""
    order = np.lexsort((-pairs.score, pairs.rows))
    _, first, counts = np.unique(pairs.rows[order], return_index=True, return_counts=True)
    rank = np.arange(len(order)) - np.repeat(first, counts)
    return np.sort(order[rank < max(1, PAIRS // len(first))])


def _block(
    query: Timeline, asset: Timeline, rows: Ints, edges: Ints, asset_first: Ints
) -> tuple[NDArray[np.float64 | np.int64], ...]:
    """Return the similar pairs of some query moments: rows, columns, score, plain, flipped, sscd, areas."""
    frames = np.concatenate([np.arange(edges[row], edges[row + 1]) for row in rows])
    starts = np.concatenate([[0], np.cumsum(np.diff(edges)[rows])[:-1]]).astype(np.int64)
    nearest = np.minimum(
        _masked(
            distance.hamming(query.phash256[frames], asset.phash256),
            query.has_phash256[frames],
            asset.has_phash256,
            256,
        ),
        _masked(distance.hamming(query.pdq[frames], asset.pdq), query.has_pdq[frames], asset.has_pdq, 256),
    )
    turned = query.mirrored[frames][:, None] != asset.mirrored[None, :]

    def lowest(matrix: NDArray[np.int16]) -> NDArray[np.int16]:
        by_row = np.minimum.reduceat(matrix, starts, axis=0)
        return np.asarray(np.minimum.reduceat(by_row, asset_first, axis=1))

    plain = lowest(np.where(turned, np.int16(256), nearest))
    flipped = lowest(np.where(turned, nearest, np.int16(256)))
    vectors = _masked(
        distance.cosine(query.sscd[frames], asset.sscd), query.has_sscd[frames], asset.has_sscd, -1
    )
    cosine = np.maximum.reduceat(np.maximum.reduceat(vectors, starts, axis=0), asset_first, axis=1)
    score = _score(np.minimum(plain, flipped), cosine)
    at, columns = np.nonzero(score >= PAIR_MIN)
    evidence = (score[at, columns], plain[at, columns], flipped[at, columns], cosine[at, columns])
    if (query.areas == query.areas[:1]).all():
        best = starts[at]
    else:
        by_frame = np.maximum.reduceat(_score(nearest, vectors), asset_first, axis=1)
        best = _best(by_frame, np.append(starts, len(frames)), at, columns)
    areas = query.areas[frames[best]]
    return (rows[at], columns, *(values.astype(np.float64) for values in evidence), areas)


def _score(bits: NDArray[np.int16], cosine: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the similarity, 0-1, by the better of hashes and vectors."""
    by_hash = (HASH_FLOOR - bits) / HASH_FLOOR
    by_sscd = (cosine - SSCD_FLOOR) / (1 - SSCD_FLOOR)
    return np.asarray(np.clip(np.maximum(by_hash, by_sscd), 0, 1), dtype=np.float64)


def _best(by_frame: Floats, edges: Ints, at: Ints, columns: Ints) -> Ints:
    """Return the most similar frame of each pair's query moment `at`.

    The first frame, the whole picture, is chosen if its similarity is almost certain.
    """
    best = edges[at].copy()
    unsure = by_frame[best, columns] < WHOLE
    for view in range(1, int(np.diff(edges).max(initial=1))):
        alternative = edges[at] + view
        exists = alternative < edges[at + 1]
        better = by_frame[np.where(exists, alternative, best), columns] > by_frame[best, columns]
        best = np.where(unsure & exists & better, alternative, best)
    return best


def _masked[Number: np.generic](
    matrix: NDArray[Number], rows: NDArray[np.bool_], columns: NDArray[np.bool_], missing: int
) -> NDArray[Number]:
    return np.where(rows[:, None] & columns[None, :], matrix, np.asarray(missing, dtype=matrix.dtype))


def nearer(pair: tuple[Floats, Floats], other: tuple[Floats, Floats]) -> Floats:
    """Return (k,) how much nearer one is than the other at each moment, as log-odds, from cosines and hash
    distances."""
    (near_sscd, near_bits), (far_sscd, far_bits) = pair, other
    odds = 60.0 * (near_sscd - far_sscd) + 30.0 * (far_bits - near_bits) / distance.HASH_BITS
    return np.where(np.abs(odds) >= TIE, odds, 0.0)
