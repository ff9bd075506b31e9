"""Scene consistency: do two aligned stretches show the same moments, or only the same scene? Pure.

A fixed camera shows nearly the same picture at every second. Similarity alone cannot tell a copy of seconds
0-4 from the genuine seconds 5-9 of the same press conference. Changes from moment to moment can: the pictures
of a copy deviate from their mean as the asset's do. What does not change (a studio, a crop, a logo, the frame
of a programme) is in the mean and has no effect. Mosaics keep most of it: a head that turns moves a tenth of
the cells, and hardly an embedding.

Each shot has its own mean and its own trend in time. Otherwise two alternating cameras would be alike
wherever the same one is on.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from registry.catalogue.entries.model.entry import Candidate, Query
from registry.catalogue.fingerprints.model.timeline import FaceTimeline, Timeline
from registry.core.numbers import Bools, Floats, Ints
from registry.matching.alignment.model import faces, shared_moments
from registry.matching.alignment.model.align import Aligned
from registry.matching.alignment.model.shared_moments import PHASE, PHASES, Area, Side
from registry.matching.alignment.model.similarity import HASH_FLOOR, SSCD_FLOOR, usual
from registry.matching.decision.model import confidence

MOST: Final = 240
"""Most moments of a span that are compared, spread evenly."""
NEAR: Final = 0.3
"""Seconds by which a moment may lie outside the interval of the asset's frame."""
SLACK: Final = 1e-6
SHOT: Final = 0.42
"""Similarity of consecutive moments below which another shot begins."""
LEAST: Final = 3
"""Fewest moments of a shot, or faces of a track, that are compared: mean and trend explain any two."""
VIEWS: Final = 6
"""Parts of the picture tried per side, those with most frames first."""
ADJOINING: Final = 1.05
"""Most seconds between two moments for a shot change between them to be placed in time."""
MOST_CUTS: Final = 2
"""Most shot changes that count. The first does not count: the line is placed so that one falls on another. Of
1,234 stretches of other moments of a scene none shared two."""
CAMERAS: Final = 2
"""Different pictures that one scene may have at any moment. Each further picture counts as a shot change."""
MOSAICS: Final = 40
"""Most mosaics of a span that are compared, spread evenly."""
MOST_MOMENTS: Final = 4.0
"""Most moments that count, however many there are: those of one scene resemble each other. Of 3 to 8, it told
copies best."""
MOST_MOSAICS: Final = 8.0
MOST_NATS: Final = 3.0
"""The same of mosaics, which are independent of more moments, and the most that they count."""
NOISE: Final = 6.0
"""Movement of a cell in grey levels that counts half: rounding and compression move a still one as much."""
HALF: Final = 2.0
"""Number of deviations from which a missing correlation counts half of what it counts at most."""
CERTAIN: Final = 0.98
"""Most correlation that counts: beyond it, rounding decides."""
SURE: Final = 2.2
"""Log-odds, prior included, from which the moments are the same: .9."""

Values = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Together:
    """How two sides deviate from their means together.

    `correlation`: -1 to 1. `freedom`: degrees of freedom after mean and trend, 0 if nothing could be
    compared.
    """

    correlation: float
    freedom: int

    def nats(self, most: float) -> float:
        """Return the information that one side holds of the other, 0 or more, of at most so many moments.

        The information is that of jointly normal values, once for each independent moment (Cover and Thomas,
        *Elements of Information Theory*, 2006, 8.5).
        """
        alike = min(max(self.correlation, 0.0), CERTAIN)
        return -self.freedom * most / (self.freedom + most) * math.log(1 - alike**2) / 2


NOTHING: Final = Together(0.0, 0)


@dataclass(frozen=True, slots=True)
class Motion:
    """The evidence of one span. `cells`: of mosaics. `cuts`: shot changes that both sides have between the
    same moments."""

    sscd: Together
    bits: Together
    faces: Together
    cells: Together
    cuts: int

    @property
    def odds(self) -> float:
        """Log-odds that the moments are the same, given that the scene is, before any other evidence."""
        return confidence.MOMENTS.odds(*self.features)

    @property
    def features(self) -> tuple[float, ...]:
        """The features of `confidence.MOMENTS`, in their order. What could have agreed counts against."""
        parts = [math.log1p(part.nats(MOST_MOMENTS)) for part in (self.sscd, self.bits, self.faces)]
        cells = min(self.cells.nats(MOST_MOSAICS), MOST_NATS)
        frames = max(self.sscd.freedom, self.bits.freedom)
        compared = [freedom / (freedom + HALF) for freedom in (frames, self.cells.freedom)]
        return (*parts, cells, self.counted, *(-share for share in compared))

    @property
    def counted(self) -> float:
        """The shot changes that count."""
        return float(np.clip(self.cuts - 1, 0, MOST_CUTS))

    @property
    def same(self) -> bool:
        """Whether the moments are certainly the same."""
        return self.odds >= SURE


def compare(
    query: Query, asset: Candidate, aligned: Aligned, area: Area | None = None, *, prior: float = 0.0
) -> Motion:
    """Return the evidence along an aligned span. `area`: the part of the query's picture that shows it.

    `prior`: log-odds of other evidence. Mosaics take most of the time, 15 ms, so they are compared only if
    the sum is not sure without them.
    """
    by_face = _faces(query.faces, asset.faces, aligned)
    query_frames, asset_frames = query.frames, asset.frames
    chosen = _views(query_frames, asset_frames, aligned)
    if chosen is None:
        return Motion(NOTHING, NOTHING, by_face, NOTHING, 0)
    rows, view = chosen
    times = query_frames.times[rows]
    at = _Between.of(asset_frames, view, _along(aligned, times))
    edges, cuts = _shots(query_frames, rows, asset_frames, view[at.before])
    shots = np.searchsorted(edges, times, side="right")
    embedded = (
        query_frames.has_sscd[rows]
        & asset_frames.has_sscd[view[at.before]]
        & asset_frames.has_sscd[view[at.after]]
    )
    sscd = together(
        query_frames.sscd[rows][embedded],
        at.values(asset_frames.sscd[view])[embedded],
        times[embedded],
        shots[embedded],
    )
    bits = together(_bits(query_frames, rows), at.values(_bits(asset_frames, view)), times, shots)
    motion = Motion(sscd, bits, by_face, NOTHING, cuts)
    if motion.odds + prior >= SURE:
        return motion
    return replace(motion, cells=_cells(query, asset, aligned, area, edges))


def together(values: Values, other: Values, times: Floats, groups: Ints) -> Together:
    """Correlate the deviations of (n, d) values of two sides from the mean and the trend over `times` of
    their groups."""
    left: list[Floats] = []
    right: list[Floats] = []
    freedom = 0
    for group in np.unique(groups):
        members = groups == group
        if members.sum() >= LEAST:
            left.append(_departures(values[members], times[members]))
            right.append(_departures(other[members], times[members]))
            freedom += int(members.sum()) - 2
    if not freedom:
        return NOTHING
    a, b = np.concatenate(left), np.concatenate(right)
    size = math.sqrt(np.vdot(a, a) * np.vdot(b, b))
    return Together(float(np.vdot(a, b)) / size if size > 1e-9 else 0.0, freedom)


def _departures(values: Values, times: Floats) -> Floats:
    centred = np.asarray(values, dtype=np.float64) - values.mean(axis=0)
    clock = times - times.mean()
    length = float((clock * clock).sum())
    if length > 1e-9:
        centred -= clock[:, np.newaxis] * (clock @ centred / length)
    return centred


@dataclass(frozen=True, slots=True)
class _Between:
    """Positions between the frames of a view: frames `before` and `after` (k,), and the weight `share` (k,)
    of the latter."""

    before: Ints
    after: Ints
    share: Floats

    @classmethod
    def of(cls, asset: Timeline, view: Ints, times: Floats) -> _Between:
        """Return the positions of the wanted times. A frame stands for a run of equal ones: between the last
        of them and the next, both are mixed."""
        starts, lengths = asset.times[view], asset.durations[view]
        step = min(max(usual(lengths), 0.05), 0.5)
        before = np.clip(np.searchsorted(starts, times + SLACK) - 1, 0, len(view) - 1)
        after = np.minimum(before + 1, len(view) - 1)
        last = np.maximum(starts[before] + lengths[before] - step, starts[before])
        share = np.clip((times - last) / np.maximum(starts[after] - last, 1e-6), 0, 1) * (after != before)
        return cls(before, after, share)

    def values(self, view_values: Values) -> Floats:
        """Interpolate (n, d) values of the view at the (k,) positions, as (k, d)."""
        share = self.share[:, None]
        return np.asarray(view_values[self.before] * (1 - share) + view_values[self.after] * share)


def _views(query: Timeline, asset: Timeline, aligned: Aligned) -> tuple[Ints, Ints] | None:
    """Choose the two parts of the picture that are most alike along the line, one per side.

    Returns the query's frames, one per moment, and all the asset's frames of these parts. It is one part per
    side, since every part has its own mean.
    """
    times = aligned.frames.query
    if len(times) > MOST:
        times = times[np.linspace(0, len(times) - 1, MOST).round().astype(np.int64)]
    compared = np.nonzero(np.isin(query.times, times))[0]
    best: tuple[float, Ints, Ints] | None = None
    for rows in _parts(query, compared):
        asset_times = _along(aligned, query.times[rows])
        for view in _parts(asset, np.arange(len(asset))):
            at, covered = _covering(asset, view, asset_times)
            alike = _alike(query, rows[covered], asset, view[at[covered]])
            order = np.lexsort((-alike, query.times[rows[covered]]))
            first = order[np.unique(query.times[rows[covered][order]], return_index=True)[1]]
            total = float(alike[first].sum())
            if best is None or total > best[0]:
                best = (total, rows[covered][first], view)
    return None if best is None else best[1:]


def _along(aligned: Aligned, times: Floats) -> Floats:
    """Return the asset's seconds of pictures at these seconds of the query."""
    return aligned.line.speed * times + aligned.line.start


def _covering(asset: Timeline, view: Ints, times: Floats) -> tuple[Ints, Bools]:
    """Return (k,) the frame of a view at or before each of these seconds, and whether it covers the second,
    or nearly."""
    starts = asset.times[view]
    at = np.clip(np.searchsorted(starts, times + SLACK) - 1, 0, len(view) - 1)
    ends = starts[at] + asset.durations[view][at]
    return at, (times >= starts[at] - NEAR) & (times <= ends + NEAR)


def _parts(side: Timeline, rows: Ints) -> list[Ints]:
    """Group frames by the part of the picture that they show and by mirroring, in order of time."""
    keys = np.column_stack([np.round(side.areas[rows] * 10), side.mirrored[rows]])
    if not len(keys):
        return []
    _, numbers, counts = np.unique(keys, axis=0, return_inverse=True, return_counts=True)
    return [rows[numbers.ravel() == number] for number in np.argsort(-counts, kind="stable")[:VIEWS]]


def _shots(query: Timeline, rows: Ints, asset: Timeline, columns: Ints) -> tuple[Floats, int]:
    """Return the query's seconds at which a shot begins on either side, and the number that begin on both.

    Without vectors, hashes are used: they change more, but on both sides alike.
    """
    embedded = query.has_sscd[rows] & asset.has_sscd[columns]
    vectors = int(embedded.sum()) >= LEAST
    if vectors:
        rows, columns = rows[embedded], columns[embedded]
    query_cuts = _alike(query, rows[:-1], query, rows[1:], vectors=vectors) < SHOT
    asset_cuts = _alike(asset, columns[:-1], asset, columns[1:], vectors=vectors) < SHOT
    near = np.diff(query.times[rows]) <= ADJOINING
    cuts = int((query_cuts & asset_cuts & near).sum())
    different = _different((query, rows), (asset, columns), vectors=vectors)
    return query.times[rows[1:]][query_cuts | asset_cuts], max(cuts, different - CAMERAS)


def _different(pair: tuple[Timeline, Ints], other: tuple[Timeline, Ints], *, vectors: bool) -> int:
    """Count the pictures that are unlike all others, on both sides, up to a few."""
    count = at = 0
    unlike = np.ones(len(pair[1]), dtype=np.bool_)
    while at < len(unlike) and count < CAMERAS + MOST_CUTS + 1:
        count += 1
        for side, rows in (pair, other):
            remaining = rows[at:]
            unlike[at:] &= (
                _alike(side, np.repeat(remaining[:1], len(remaining)), side, remaining, vectors=vectors)
                < SHOT
            )
        unlike[at] = False
        at += int(unlike[at:].argmax()) if unlike[at:].any() else len(unlike)
    return count


def _alike(timeline: Timeline, rows: Ints, other: Timeline, columns: Ints, *, vectors: bool = True) -> Floats:
    """Return (k,) similarity, 0-1, of frames `rows` of one side and `columns` of another, as pairs are
    scored."""
    bits = np.full(len(rows), HASH_FLOOR)
    for left, right, comparable in (
        (
            timeline.phash256[rows],
            other.phash256[columns],
            timeline.has_phash256[rows] & other.has_phash256[columns],
        ),
        (timeline.pdq[rows], other.pdq[columns], timeline.has_pdq[rows] & other.has_pdq[columns]),
    ):
        apart = np.unpackbits(left ^ right, axis=1).sum(axis=1).astype(np.int64)
        bits = np.where(comparable, np.minimum(bits, apart), bits)
    cosine = np.einsum("ij,ij->i", timeline.sscd[rows], other.sscd[columns])
    cosine = np.where(timeline.has_sscd[rows] & other.has_sscd[columns] & vectors, cosine, -1.0)
    by_hash = (HASH_FLOOR - bits) / HASH_FLOOR
    return np.clip(np.maximum(by_hash, (cosine - SSCD_FLOOR) / (1 - SSCD_FLOOR)), 0, 1)


def _bits(side: Timeline, rows: Ints) -> Floats:
    """Return (k, 512) bits of both hashes. A missing hash does not change and so has no effect."""
    hashes = np.concatenate([side.phash256[rows], side.pdq[rows]], axis=1)
    return np.unpackbits(hashes, axis=1).astype(np.float64)


def _cells(query: Query, asset: Candidate, aligned: Aligned, area: Area | None, edges: Floats) -> Together:
    """Correlate mosaics, at the time between samples at which they correlate most."""
    shared = shared_moments.shared(query.mosaics, Side(asset.mosaics, aligned), most=MOSAICS, area=area)
    if shared is None or len(asset.mosaics) < LEAST:
        return NOTHING
    shots = np.searchsorted(edges, shared.times, side="right")
    cells = shared.query[:, shared.within]
    moved = _moving(shared.asset(0.0)[:, shared.within], shared.times)
    phases = (shared.asset(step * PHASE)[:, shared.within] for step in range(-PHASES, PHASES + 1))
    found = (together(cells * moved, shown * moved, shared.times, shots) for shown in phases)
    return max(found, key=lambda alike: alike.correlation)


def _moving(cells: Values, times: Floats) -> Floats:
    """Return (c,) weights of the cells, 0-1, by how much the asset's move: the others show noise alone."""
    power = (_departures(cells, times) ** 2).mean(axis=0)
    return np.asarray(np.sqrt(power / (power + NOISE**2)))


def _faces(query: FaceTimeline, asset: FaceTimeline, aligned: Aligned) -> Together:
    rows, columns = faces.paired(query, asset, aligned)
    return together(
        query.embeddings[rows], asset.embeddings[columns], query.times[rows], asset.tracks[columns]
    )
