"""Are the faces of two aligned stretches the same? Used for nothing else.

A face-swap and the footage it was made from show the same picture and another face, so aligned faces are
compared at the same moments. The best-matching faces of an instant are paired, each face track of the asset
is averaged over time, and the least alike track speaks: where one of two people was swapped, the other's
sameness proves nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from registry.domain.align import Aligned
from registry.domain.timeline import FaceTimeline

Judgement = Literal["same", "other", "undecided", "none"]

TOLERANCE: Final = 0.55
"""Faces are sampled at 1 Hz on both sides: the nearest sample lies within half a second."""
MIN_PIXELS: Final = 32.0
"""Faces smaller than this on either side are not compared (self-similarity .54 under 50 px)."""
MIN_SCORE_WEIGHT: Final = 0.05


@dataclass(frozen=True, slots=True)
class FaceEvidence:
    """`compared`: pairs of faces; `cosine`: mean of the least alike track, -1 to 1, None without a pair;
    `quality`: mean quality of the worse face of each pair, 0-1; `pixels`: mean size of the smaller one."""

    compared: int
    cosine: float | None
    quality: float
    pixels: float


NO_FACES: Final = FaceEvidence(0, None, 0.0, 0.0)


def compare(query: FaceTimeline, asset: FaceTimeline, aligned: Aligned) -> FaceEvidence:
    """The evidence of faces along one aligned span."""
    if not len(query) or not len(asset):
        return NO_FACES
    pairs = _pairs(query, asset, aligned)
    if not pairs:
        return NO_FACES
    rows = np.array([pair[0] for pair in pairs])
    columns = np.array([pair[1] for pair in pairs])
    cosines = np.einsum("ij,ij->i", query.embeddings[rows], asset.embeddings[columns])
    quality = np.minimum(query.quality[rows], asset.quality[columns])
    pixels = np.minimum(query.pixels[rows], asset.pixels[columns])
    weight = np.maximum(quality, MIN_SCORE_WEIGHT)
    worst: tuple[float, NDArray[np.bool_]] | None = None
    tracks = asset.tracks[columns]
    heaviest = max(float(weight[tracks == track].sum()) for track in np.unique(tracks))
    for track in np.unique(tracks):
        mine = tracks == track
        # A track seen for a fraction of the time is a passer-by or a false detection: it has no vote.
        if float(weight[mine].sum()) < 0.3 * heaviest:
            continue
        mean = float(np.average(cosines[mine], weights=weight[mine]))
        if worst is None or mean < worst[0]:
            worst = (mean, mine)
    if worst is None:
        return NO_FACES
    mean, mine = worst
    return FaceEvidence(int(mine.sum()), mean, float(quality[mine].mean()), float(pixels[mine].mean()))


def _pairs(query: FaceTimeline, asset: FaceTimeline, aligned: Aligned) -> list[tuple[int, int]]:
    """Row and column of each pair of faces at the same moment, the most alike first within an instant."""
    query_at = np.asarray(aligned.query_times)
    asset_at = np.asarray(aligned.asset_times)
    big_query = np.nonzero(query.pixels >= MIN_PIXELS)[0]
    big_asset = np.nonzero(asset.pixels >= MIN_PIXELS)[0]
    pairs: list[tuple[int, int]] = []
    for instant in np.unique(asset.times[big_asset]):
        near = int(np.argmin(np.abs(asset_at - instant)))
        if abs(asset_at[near] - instant) > TOLERANCE:
            continue
        wanted = query_at[near] + (instant - asset_at[near]) / aligned.span.speed
        if not len(big_query):
            continue
        apart = np.abs(query.times[big_query] - wanted)
        if apart.min() > TOLERANCE:
            continue
        rows = big_query[apart <= apart.min() + 1e-6]
        columns = big_asset[asset.times[big_asset] == instant]
        pairs.extend(_matched(query, asset, rows, columns))
    return pairs


def _matched(
    query: FaceTimeline, asset: FaceTimeline, rows: NDArray[np.int64], columns: NDArray[np.int64]
) -> list[tuple[int, int]]:
    cosines = query.embeddings[rows] @ asset.embeddings[columns].T
    taken: list[tuple[int, int]] = []
    for flat in np.argsort(-cosines, axis=None, kind="stable"):
        row, column = divmod(int(flat), len(columns))
        used = any(rows[row] == one or columns[column] == other for one, other in taken)
        if not used:
            taken.append((int(rows[row]), int(columns[column])))
    return taken
