"""How alike every moment of a query is to every moment of an asset."""

from __future__ import annotations

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


def _masked[Number: np.generic](
    matrix: NDArray[Number], rows: NDArray[np.bool_], columns: NDArray[np.bool_], missing: int
) -> NDArray[Number]:
    return np.where(rows[:, None] & columns[None, :], matrix, np.asarray(missing, dtype=matrix.dtype))
