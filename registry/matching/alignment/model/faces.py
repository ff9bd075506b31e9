"""Compare the faces of two aligned stretches. Used for nothing else.

A face swap and its original footage show the same picture with another face. So aligned faces are compared at
the same moments. The best-matching faces of a moment are paired, and each face track of the asset is averaged
over time. The least similar track decides: if one of two people was swapped, the similarity of the other
proves nothing. The least similar moment is reported too, since a swap may last only some seconds. If the
query does not show a main face of the asset, the question stays open.

Only faces in the matched part of the picture count, and only near the asset's position of the face. The
person whose face was swapped in may be speaking beside genuine footage.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from registry.catalogue.fingerprints.model import expressions
from registry.catalogue.fingerprints.model.expressions import Movement
from registry.catalogue.fingerprints.model.timeline import FaceTimeline
from registry.core.numbers import Floats, Ints
from registry.matching.alignment.model.align import Aligned
from registry.matching.alignment.model.similarity import usual

TOLERANCE: Final = 0.55
"""Seconds. Faces are sampled at 1 Hz, so the nearest samples of the two sides are within half a second."""
EDGE: Final = 0.05
"""Seconds by which a face's sample may lie outside the aligned moments."""
LARGEST_TOLERANCE: Final = 1.05
"""The same if both sides are long and sampled every 2 s. Farther apart, another face may be on screen."""
MIN_PIXELS: Final = 32.0
"""Smaller faces on either side are not compared (self-similarity .54 under 50 px)."""
MIN_WEIGHT: Final = 0.05
MIN_PAIRS: Final = 2
"""Fewest pairs for a track of a video to count."""
SAME_INSTANT: Final = 0.1
"""Seconds within which two samples show one expression: a mouth opens in two tenths."""
CLEAR: Final = 0.15
"""Quality from which a single pair of faces counts. In 60 copies of 17 clips, one of 480 pairs of one instant
was as unlike as another person's; its quality was .11. Half a second apart, where heads turn, six were."""
ONCE: Final = 0.2
"""Cosine by which a single pair must be less similar than two in a row to count the same, times (1 -
quality). A head that turns away, re-sent, at quality .47, had a cosine of .47 with itself."""
PEOPLE: Final = 16
"""Most faces of one moment that are compared, the largest first. More are a crowd: anybody in it may have
been swapped, and the largest faces prove nothing."""
INSTANTS: Final = 240
"""Most moments of a span at which faces are compared, spread evenly."""
STEADY: Final = 0.75
"""Share of the steadiest track's similarity to itself that a track needs to count. From second to second,
real faces have .82-.9; half a face at the edge had .6."""
MARGIN: Final = 0.05
"""Share of the sides of the matched part of the picture by which a face may lie outside it."""
DISPLACED: Final = 0.3
"""How far, in shares of the picture, a face may be from the asset's position if there are other faces:
cropping a third at the sides moves a face by .2 ..."""
ALONE: Final = 0.5
"""... and if it is the only face: footage rotated by a quarter moves it by up to .4."""
MAIN_SHARE: Final = 0.2
"""A track seen in this share of a span's face moments is one of its main faces, if it is also ..."""
MAIN_SIZE: Final = 0.5
"""... at least this large relative to the largest;"""
SMALLER_SHARE: Final = 0.5
SMALLER_SIZE: Final = 0.25
"""or if it is smaller (SMALLER_SIZE) but seen for longer (SMALLER_SHARE). Of two people the one behind may
have been swapped, and a small copy shows the other alone."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """The least similar moment of a track. It is one instant seen on both sides, with `ONCE` added, or the
    more similar of two samples in a row.

    `cosine` -1 to 1, `pixels` of the smaller faces.
    """

    cosine: float
    pixels: float


@dataclass(frozen=True, slots=True)
class FaceEvidence:
    """Evidence of the faces along a span.

    `compared`: pairs of faces. `cosine`: mean of the least similar track, -1 to 1, None without a pair.
    `pixels`: mean size of the smaller faces of its pairs; `quality`: mean quality of the poorer ones, 0-1.
    `complete`: every main face of the asset is seen, and there is no crowd. `movement`: that of the main
    track that moves least alike, None if unknown. `worst`: least similar moment of all tracks, None if no
    pair is clear.
    """

    compared: int
    cosine: float | None
    pixels: float
    complete: bool = True
    movement: Movement | None = None
    worst: Stretch | None = None
    quality: float = 1.0


NO_FACES: Final = FaceEvidence(0, None, 0.0)


def compare(
    query: FaceTimeline, asset: FaceTimeline, aligned: Aligned, *, least: int = MIN_PAIRS
) -> FaceEvidence:
    """Return the evidence of faces along one aligned span. Tracks with fewer than `least` pairs do not
    count."""
    if not len(query) or not len(asset):
        return NO_FACES
    rows, columns, visible = _pairs(query, asset, aligned)
    steady = _steady_tracks(asset, visible)
    main = _main_tracks(asset, visible) & steady
    if not len(rows):
        return FaceEvidence(0, None, 0.0, not main)
    cosines = np.einsum("ij,ij->i", query.embeddings[rows], asset.embeddings[columns])
    quality = np.minimum(query.quality[rows], asset.quality[columns])
    weight = np.maximum(quality, MIN_WEIGHT)
    pixels = np.minimum(query.pixels[rows], asset.pixels[columns])
    tracks = asset.tracks[columns]
    means: list[tuple[float, float, float]] = []
    compared: set[int] = set()
    movements: list[Movement] = []
    stretches: list[Stretch] = []
    same_instant = _same_instant(query.times[rows], asset.times[columns], aligned)
    for track in np.unique(tracks):
        of_track, is_steady = tracks == track, int(track) in steady
        clear = np.flatnonzero(of_track & (quality >= CLEAR) & (same_instant | is_steady))
        stretches += _stretches(cosines, pixels, quality, clear[same_instant[clear]], clear)
        if of_track.sum() < least or not is_steady:
            continue
        compared.add(int(track))
        mean = float(np.average(cosines[of_track], weights=weight[of_track]))
        if int(track) in main:
            simultaneous = of_track & same_instant
            movements += _movement(query, asset, rows[simultaneous], columns[simultaneous], aligned)
        means.append((mean, float(pixels[of_track].mean()), float(quality[of_track].mean())))
    if not means:
        return FaceEvidence(len(rows), None, 0.0, complete=False)
    (cosine, size, clearness), complete = min(means), main <= compared and not _crowded(asset, visible)
    least_alike = min(movements, key=lambda movement: movement.mouth, default=None)
    worst = min(stretches, key=lambda stretch: stretch.cosine, default=None)
    return FaceEvidence(len(rows), cosine, size, complete, least_alike, worst, clearness)


def _same_instant(query_times: Floats, asset_times: Floats, aligned: Aligned) -> NDArray[np.bool_]:
    """Return which pairs of samples show one instant, so that a mouth has the same position in both."""
    expected = (asset_times - aligned.line.start) / aligned.line.speed
    return np.asarray(np.abs(query_times - expected) <= SAME_INSTANT)


def _crowded(asset: FaceTimeline, visible: Ints) -> bool:
    """Tell whether a fifth or more of the span's moments have more faces than are compared."""
    large = asset.times[asset.pixels >= MIN_PIXELS]
    moments, counts = np.unique(large[np.isin(large, asset.times[visible])], return_counts=True)
    return len(moments) > 0 and float(np.mean(counts > PEOPLE)) >= MAIN_SHARE


def _stretches(cosines: Floats, pixels: Floats, quality: Floats, alone: Ints, some: Ints) -> list[Stretch]:
    """Return the evidence of each moment of a track: a swap of three seconds in twenty hardly changes the
    mean.

    `some`: the track's pairs in order of time. `alone`: those of one instant.
    """
    once = cosines[alone] + ONCE * (1 - quality[alone])
    more = np.maximum(cosines[some[:-1]], cosines[some[1:]])
    size = np.minimum(pixels[some[:-1]], pixels[some[1:]])
    values = (np.concatenate([once, more]), np.concatenate([pixels[alone], size]))
    return [Stretch(float(cosine), float(side)) for cosine, side in zip(*values, strict=True)]


def paired(query: FaceTimeline, asset: FaceTimeline, aligned: Aligned) -> tuple[Ints, Ints]:
    """Return rows of the query's faces and of the asset's that show one person at the same moment."""
    if not len(query) or not len(asset) or not len(aligned.frames):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    rows, columns, _ = _pairs(query, asset, aligned)
    return rows, columns


def _movement(
    query: FaceTimeline, asset: FaceTimeline, rows: Ints, columns: Ints, aligned: Aligned
) -> list[Movement]:
    """Return how alike one track moves, if known."""
    left, right = query.expressions[rows], asset.expressions[columns]
    movement = expressions.moved(left, right, mirrored=aligned.span.mirrored)
    return [] if movement is None else [movement]


def _steady_tracks(asset: FaceTimeline, visible: Ints) -> set[int]:
    """Return the tracks that are similar to themselves from sample to sample.

    A track that is not, beside one that is, is half a face at the edge, or no face. Its similarity to
    anything means nothing.
    """
    consistency: dict[int, float] = {}
    for track in np.unique(asset.tracks[visible]):
        embeddings = asset.embeddings[visible[asset.tracks[visible] == track]]
        alike = np.einsum("ij,ij->i", embeddings[:-1], embeddings[1:])
        consistency[int(track)] = float(alike.mean()) if len(alike) else 1.0
    best = max((alike for alike in consistency.values() if alike < 1.0), default=1.0)
    return {track for track, alike in consistency.items() if alike >= STEADY * best}


def _main_tracks(asset: FaceTimeline, visible: Ints) -> set[int]:
    """Return the tracks of the asset's faces `visible` in a span that are large and long enough to matter."""
    if not len(visible):
        return set()
    tracks, pixels = asset.tracks[visible], asset.pixels[visible]
    moments = len(np.unique(asset.times[visible]))
    sizes = {int(track): float(pixels[tracks == track].mean()) for track in np.unique(tracks)}
    largest = max(sizes.values())
    main = set()
    for track, size in sizes.items():
        share = MAIN_SHARE if size >= MAIN_SIZE * largest else SMALLER_SHARE
        lasting = (tracks == track).sum() >= max(MIN_PAIRS, share * moments)
        if lasting and size >= SMALLER_SIZE * largest:
            main.add(track)
    return main


def _pairs(query: FaceTimeline, asset: FaceTimeline, aligned: Aligned) -> tuple[Ints, Ints, Ints]:
    """Return rows and columns of faces at the same moment, and all the asset's faces that the span shows.

    Within a moment the most similar faces come first.
    """
    of_query, of_asset = _by_moment(query), _by_moment(asset)
    frames = aligned.frames
    instants = _span_instants(of_asset.times, aligned)
    visible = of_asset.of(instants)
    if not len(of_query.times) or not len(frames) or not len(instants):
        return np.empty(0, np.int64), np.empty(0, np.int64), visible
    tolerance = _tolerance(of_query.times, of_asset.times)
    expected = (of_asset.times[instants] - aligned.line.start) / aligned.line.speed
    moments = _nearest(frames.query, expected)
    near = _nearest(of_query.times, expected)
    close = np.abs(frames.query[moments] - expected) <= tolerance + aligned.step
    close &= np.abs(of_query.times[near] - expected) <= tolerance
    close &= _within(of_query.times[near], aligned)
    instants, moments, near = instants[close], moments[close], near[close]
    alone = (of_query.counts[near] == 1) & (of_asset.counts[instants] == 1)
    rows, columns = of_query.rows[of_query.first[near]], of_asset.rows[of_asset.first[instants]]
    areas = frames.areas[moments]
    placed = _shown(query.centres[rows], areas)
    placed &= ~_displaced(query.centres[rows], asset.centres[columns], areas, aligned, ALONE)
    if alone.all():
        return rows[placed], columns[placed], visible
    pairs: list[tuple[int, int]] = []
    for at in np.flatnonzero(~alone | placed).tolist():
        if alone[at]:
            pairs.append((int(rows[at]), int(columns[at])))
            continue
        asset_faces = of_asset.of(instants[at : at + 1])
        query_faces = of_query.of(near[at : at + 1])
        query_faces = query_faces[_shown(query.centres[query_faces], areas[at])]
        limit = DISPLACED if len(query_faces) > 1 else ALONE
        query_centres = query.centres[query_faces][:, np.newaxis]
        asset_centres = asset.centres[asset_faces][np.newaxis]
        far = _displaced(query_centres, asset_centres, areas[at], aligned, limit)
        pairs += _matched(query, asset, query_faces.tolist(), asset_faces.tolist(), far)
    matched = np.array(pairs, np.int64).reshape(-1, 2)
    return matched[:, 0], matched[:, 1], visible


def _within(times: Floats, aligned: Aligned) -> NDArray[np.bool_]:
    """Return which of the query's times lie between the first and the last aligned moment.

    Half a second outside them another clip may be on screen, with another person.
    """
    frames = aligned.frames
    last = max(float(frames.query[-1]), float(frames.query_ends.max()) - aligned.step)
    return np.asarray((times >= frames.query[0] - EDGE) & (times <= last + EDGE))


def _span_instants(times: Floats, aligned: Aligned) -> Ints:
    """Return the indices of the asset's times that the span covers, at most INSTANTS, spread evenly."""
    start, end = aligned.span.asset
    instants = np.flatnonzero((times >= start - TOLERANCE) & (times <= end + TOLERANCE))
    if len(instants) > INSTANTS:
        instants = instants[np.linspace(0, len(instants) - 1, INSTANTS).astype(int)]
    return instants


def _nearest(times: Floats, targets: Floats) -> Ints:
    """Return the index of the time nearest to each target, the first among equals."""
    return np.asarray(np.abs(times - targets[:, np.newaxis]).argmin(axis=1))


def _tolerance(*sides: Floats) -> float:
    """Return half of the interval of the more finely sampled side."""
    least = min((usual(np.diff(times)) for times in sides if len(times) > 1), default=0.0)
    return min(max(TOLERANCE, least / 2 + 0.05), LARGEST_TOLERANCE)


@dataclass(frozen=True, slots=True)
class _Moments:
    """Faces by time. `times` (m,) is in order; the faces of a moment are `rows[first:first + counts]`, the
    largest first."""

    times: Floats
    rows: Ints
    first: Ints
    counts: Ints

    def of(self, moments: Ints) -> Ints:
        """Return the faces of some moments, in their order."""
        counts = self.counts[moments]
        offsets = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
        return np.asarray(self.rows[np.repeat(self.first[moments], counts) + offsets])


def _by_moment(faces: FaceTimeline) -> _Moments:
    """Return the faces large enough to compare, at most PEOPLE per moment."""
    rows = np.lexsort((-faces.pixels, faces.times))
    rows = rows[faces.pixels[rows] >= MIN_PIXELS]
    times, first, counts = np.unique(faces.times[rows], return_index=True, return_counts=True)
    return _Moments(times, rows, first, np.minimum(counts, PEOPLE))


def _shown(centres: Floats, area: Floats) -> NDArray[np.bool_]:
    """Return (...): whether a face lies in the matched part of the picture.

    Beside a fake's footage another person may be speaking, in a news panel or a debunk. A face with unknown
    position counts as inside.
    """
    margin = MARGIN * (area[..., 2:] - area[..., :2])
    outside = (centres < area[..., :2] - margin) | (centres > area[..., 2:] + margin)
    return np.asarray(~outside.any(axis=-1))


def _displaced(
    query: Floats, asset: Floats, area: Floats, aligned: Aligned, limit: float
) -> NDArray[np.bool_]:
    """Return (...): whether a face of the query is more than `limit` away from the asset's position."""
    placed = (query - area[..., :2]) / np.maximum(area[..., 2:] - area[..., :2], 1e-6)
    if aligned.span.mirrored:
        placed = placed * [-1, 1] + [1, 0]
    return np.asarray(np.abs(placed - asset).max(axis=-1) > limit)


def _matched(
    query: FaceTimeline, asset: FaceTimeline, rows: list[int], columns: list[int], far: NDArray[np.bool_]
) -> list[tuple[int, int]]:
    cosines = np.where(far, -2.0, query.embeddings[rows] @ asset.embeddings[columns].T)
    pairs: list[tuple[int, int]] = []
    free_rows, free_columns = set(range(len(rows))), set(range(len(columns)))
    for flat in np.argsort(-cosines, axis=None, kind="stable"):
        row, column = divmod(int(flat), len(columns))
        if cosines[row, column] < -1.5:
            break
        if row in free_rows and column in free_columns:
            free_rows.discard(row)
            free_columns.discard(column)
            pairs.append((rows[row], columns[column]))
    return pairs
