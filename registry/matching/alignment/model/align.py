"""Align a query with an asset: which seconds of one show which seconds of the other.

Similarity finds the moments that are alike. Temporal voting finds the lines in time on which they lie.
Consecutive moments become spans, and short gaps are bridged. The rest of the query is aligned again. So
several cuts of one asset, and each repeat of a loop, are separate spans.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from registry.catalogue.fingerprints.model import distance
from registry.catalogue.fingerprints.model.mosaics import Mosaics
from registry.catalogue.fingerprints.model.timeline import Timeline
from registry.core.numbers import Floats, Ints
from registry.matching.alignment.model import moments, single_frame, temporal_voting
from registry.matching.alignment.model.similarity import HASH_FLOOR, Similarity, similarity
from registry.matching.alignment.model.temporal_voting import Line, Walk

BRIDGE: Final = 2.1
"""Longest stretch without agreement inside one span, in seconds ..."""
BRIDGED: Final = 4.2
"""... and in sampling intervals of the query, if these are longer: keyframes, samples of hours."""
SHARE: Final = 0.35
"""Share of a span's compared, informative seconds that must agree. 397 copies have .43 and more. The least
have those whose footage is a part of the picture, which is hashed at some moments only."""
EDGE: Final = 1.2
"""Sampling steps: a span that begins or ends this near to an edge of the asset or the query reaches that
edge."""
ELSEWHERE: Final = 1.0
"""Seconds from which a moment of the asset is another than that on a span's line ..."""
ALIKE: Final = 0.5
"""... and the share of a span's moments that are alike to such, from which its place is examined."""
MAX_SPANS: Final = 12
MAX_WALKS: Final = 16
FRUITLESS: Final = 3
"""The search stops after this many walks in a row without a span."""


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
class Frames:
    """The k aligned moments of a span.

    `query` and `asset` (k,) seconds; `score` (k,) 0-1; `bits` (k,) distance of the better hash, 256 if there
    is none; `sscd` (k,) cosine, -1 if there is none. `areas` (k, 4) is the part of the query's picture that
    shows the asset, as left, top, right, bottom, 0-1.
    """

    query: Floats
    query_ends: Floats
    asset: Floats
    asset_ends: Floats
    score: Floats
    bits: Floats
    sscd: Floats
    areas: Floats

    def of(self, chosen: NDArray[np.bool_] | Ints | slice) -> Frames:
        """Return some of the moments."""
        return Frames(
            self.query[chosen],
            self.query_ends[chosen],
            self.asset[chosen],
            self.asset_ends[chosen],
            self.score[chosen],
            self.bits[chosen],
            self.sscd[chosen],
            self.areas[chosen],
        )

    def __len__(self) -> int:
        return len(self.query)


@dataclass(frozen=True, slots=True)
class Looks:
    """The moments that were compared.

    `query` and `query_ends` (m,): the query's compared moments, `interval` seconds apart. `asset` and
    `asset_ends` (n,): the asset's moments. `frames`: the timelines of query and asset.
    """

    frames: tuple[Timeline, Timeline]
    query: Floats
    query_ends: Floats
    interval: float
    asset: Floats
    asset_ends: Floats

    def share(self, frames: Frames, line: Line) -> float:
        """Return the share, by seconds, of compared moments after the first of `frames` and up to the last
        that agree, 0-1.

        The first is left out: its agreement says nothing of what follows. Seconds in which the asset has no
        informative frames are left out, since nothing could agree.
        """
        inside = (self.query > frames.query[0] + 1e-6) & (self.query <= frames.query[-1] + 1e-6)
        starts, ends = self.query[inside], self.query_ends[inside]
        edges = np.sort(line.speed * np.stack([starts, ends]) + line.start, axis=0)
        before = np.searchsorted(self.asset, edges[1]) - 1
        comparable = (before >= 0) & (self.asset_ends[np.maximum(before, 0)] > edges[0])
        comparable |= np.isin(starts, frames.query)
        possible = float((ends - starts)[comparable].sum())
        agree = float((frames.query_ends - frames.query)[1:].sum())
        return min(1.0, agree / possible) if possible else 1.0

    def pictures(self, frames: Frames, *, mirrored: bool) -> int:
        """Count the different pictures that these moments show on both sides."""
        query, asset = self.frames
        some = frames.of(single_frame.evenly_spread(len(frames)))
        return single_frame.pictures(
            single_frame.side(query, some.query, mirrored=mirrored, areas=some.areas),
            single_frame.side(asset, some.asset),
        )


@dataclass(frozen=True)
class Aligned:
    """A span and its evidence.

    `pictures`: number of different agreeing pictures, of the poorer side; 1 is a still (see `single_frame`).
    `score`: mean similarity, 0-1. `phash`: mean share of equal bits of the better hash; `sscd`: mean cosine;
    None if either side lacks it. `share`: share of the span's compared, informative seconds that agree, 0-1.
    """

    span: Span
    frames: Frames
    line: Line
    pictures: int
    limits: tuple[float, float]
    step: float
    share: float = 1.0
    looks: Looks | None = None

    @cached_property
    def score(self) -> float:
        """Mean similarity of the frames, 0-1. 0 if only the sound is alike."""
        return float(self.frames.score.mean()) if len(self.frames) else 0.0

    @property
    def phash(self) -> float | None:
        bits = self.frames.bits[self.frames.bits < distance.HASH_BITS]
        return float(1 - bits.mean() / distance.HASH_BITS) if len(bits) else None

    @property
    def sscd(self) -> float | None:
        cosines = self.frames.sscd[self.frames.sscd > -1]
        return float(cosines.mean()) if len(cosines) else None

    def part(self, chosen: NDArray[np.bool_]) -> tuple[Aligned, ...]:
        """Return the spans of some of its moments. Single moments of a longer span are left out."""
        rows = np.nonzero(chosen)[0]
        if len(rows) == len(chosen):
            return (self,)
        runs = np.split(rows, np.nonzero(np.diff(rows) > 1)[0] + 1) if len(rows) else []
        parts = []
        for run in runs:
            frames = self.frames.of(slice(int(run[0]), int(run[-1]) + 1))
            span = _span(frames, self.line, self.limits, self.step, self.span.mirrored)
            if span is not None and len(frames) > 1:
                pictures, share = self.pictures, self.share
                if self.looks:
                    pictures = self.looks.pictures(frames, mirrored=self.span.mirrored)
                    share = self.looks.share(frames, self.line)
                parts.append(replace(self, span=span, frames=frames, pictures=pictures, share=share))
        return tuple(parts)


def align(
    query: Timeline,
    asset: Timeline,
    *,
    query_duration: float,
    asset_duration: float,
    coarse: tuple[Mosaics, Mosaics] | None = None,
) -> tuple[Aligned, ...]:
    """Return the stretches of `query` that show `asset`, best first; empty if nothing agrees.

    If one side has a single moment (a still), only its best pair is aligned. `coarse`: mosaics of both, by
    which a span is moved to the moments of the scene that move alike.
    """
    if not len(query) or not len(asset):
        return ()
    pairs = similarity(query, asset, query_duration=query_duration, asset_duration=asset_duration)
    limits = (query_duration, asset_duration)
    if not len(pairs.rows):
        return ()
    if len(pairs.query) == 1 or len(pairs.asset) == 1:
        return (_single(pairs, limits),)
    alignments: list[Aligned] = []
    looks = _looks(query, asset, pairs)
    tried = fruitless = 0
    while len(pairs.rows) and tried < MAX_WALKS and len(alignments) < MAX_SPANS and fruitless < FRUITLESS:
        walks = temporal_voting.walks(pairs)
        examined = np.zeros(len(pairs.query), dtype=np.bool_)
        for walk in walks:
            spans = _spans(pairs, walk, limits, looks)
            if coarse is not None:
                spans = [_moved(span, pairs, coarse, looks) for span in spans]
                spans = [span for span in spans if not any(_repeats(span, other) for other in alignments)]
            alignments += spans
            fruitless = 0 if spans else fruitless + 1
            examined[pairs.rows[walk.pairs]] = True
            for span in spans:
                # The gap that a span bridges is its own, not a span of something else.
                first, last = span.frames.query[0], span.frames.query[-1]
                examined |= (pairs.query.starts >= first) & (pairs.query.starts <= last)
        tried += len(walks)
        pairs = pairs.of(~examined[pairs.rows])
    return tuple(sorted(alignments, key=_weight, reverse=True)[:MAX_SPANS])


def _moved(aligned: Aligned, pairs: Similarity, coarse: tuple[Mosaics, Mosaics], looks: Looks) -> Aligned:
    """Return the span along the line on which the scene moves alike, if there is a much better one."""
    frames = aligned.frames
    if not _alike(aligned, pairs):
        return aligned
    area = np.asarray(np.median(frames.areas, axis=0))
    shown = moments.Shown(*coarse, area, aligned.span.mirrored)
    line = moments.better(shown, aligned.line, (float(frames.query[0]), float(frames.query[-1])))
    if line is None:
        return aligned
    found = _spans(pairs, temporal_voting.along(pairs, line), aligned.limits, looks)
    return max((span for span in found if _repeats(span, aligned, same=False)), key=_weight, default=aligned)


def _alike(aligned: Aligned, pairs: Similarity) -> bool:
    """Tell whether most of a span's moments are also alike to other moments of the asset."""
    times, line = pairs.query.starts[pairs.rows], aligned.line
    off = np.abs(pairs.asset.starts[pairs.columns] - (line.speed * times + line.start)) > ELSEWHERE
    return len(np.intersect1d(times[off], aligned.frames.query)) >= ALIKE * len(aligned.frames)


def _repeats(aligned: Aligned, other: Aligned, *, same: bool = True) -> bool:
    """Tell whether two spans cover some of the same seconds of the query; `same`: along the same line too."""
    (start, end), (begin, stop) = aligned.span.query, other.span.query
    middle = (max(start, begin) + min(end, stop)) / 2
    near = abs(aligned.line.asset(middle) - other.line.asset(middle)) <= aligned.step
    return min(end, stop) > max(start, begin) and (near or not same)


def _weight(aligned: Aligned) -> float:
    start, end = aligned.span.query
    return (end - start) * aligned.score


def _looks(query: Timeline, asset: Timeline, pairs: Similarity) -> Looks:
    """Return the moments compared. If the query was downsampled, `interval` is longer accordingly."""
    compared = pairs.looked
    starts = pairs.query.starts
    interval = query.interval if query.interval is not None else float(np.median(np.diff(starts)))
    stride = float(np.median(np.diff(compared))) if len(compared) > 1 else 1.0
    return Looks(
        frames=(query, asset),
        query=starts[compared],
        query_ends=pairs.query.ends[compared],
        interval=interval * stride,
        asset=pairs.asset.starts,
        asset_ends=pairs.asset.ends,
    )


def _spans(pairs: Similarity, walk: Walk, limits: tuple[float, float], looks: Looks) -> list[Aligned]:
    """Split a walk into spans: consecutive moments with gaps bridged, if enough of the seconds between them
    agrees. A walk along a given line may have no moments."""
    if not len(walk.pairs):
        return []
    frames, mirrored = _frames(pairs, walk.pairs)
    step = pairs.query.step
    bridge = max(BRIDGE, BRIDGED * looks.interval)
    cuts = np.nonzero(_gaps(frames, walk.line, step) > bridge)[0] + 1
    alignments = []
    for start, end in itertools.pairwise([0, *cuts.tolist(), len(frames)]):
        for run in _dense(frames.of(slice(start, end)), walk.line, looks, step):
            span = _span(run, walk.line, limits, step, mirrored)
            if span is not None and (len(run) > 1 or span.query[1] - span.query[0] > 2 * BRIDGE):
                share = looks.share(run, walk.line)
                pictures = looks.pictures(run, mirrored=mirrored)
                alignments.append(Aligned(span, run, walk.line, pictures, limits, step, share, looks))
    return alignments


def _gaps(frames: Frames, line: Line, step: float) -> Floats:
    """Return (k - 1,) seconds of the query from the end of an agreeing moment to the next one."""
    reached = np.maximum.accumulate(np.minimum(frames.query_ends, _leaves(frames, line, step)))
    return np.asarray(frames.query[1:] - reached[:-1])


def _dense(frames: Frames, line: Line, looks: Looks, step: float) -> list[Frames]:
    """Cut the moments at their widest gaps until enough agrees within each run.

    Single pictures of an asset that flash up are no span of it, however many there are.
    """
    waiting, dense = [frames], []
    while waiting:
        run = waiting.pop()
        if len(run) < 2 or looks.share(run, line) >= SHARE:
            dense.append(run)
            continue
        widest = int(np.argmax(_gaps(run, line, step))) + 1
        waiting += [run.of(slice(widest, None)), run.of(slice(0, widest))]
    return dense


def _frames(pairs: Similarity, chosen: Ints) -> tuple[Frames, bool]:
    """Return the moments of a walk, and whether they are mirrored."""
    plain, flipped = pairs.plain[chosen], pairs.flipped[chosen]
    mirrored = bool(flipped.mean() < min(plain.mean(), HASH_FLOOR) - 4)
    rows, columns = pairs.rows[chosen], pairs.columns[chosen]
    return Frames(
        query=pairs.query.starts[rows],
        query_ends=pairs.query.ends[rows],
        asset=pairs.asset.starts[columns],
        asset_ends=pairs.asset.ends[columns],
        score=pairs.score[chosen],
        bits=flipped if mirrored else plain,
        sscd=pairs.sscd[chosen],
        areas=pairs.areas[chosen],
    ), mirrored


def _leaves(frames: Frames, line: Line, step: float) -> Floats:
    """Return when, in the query, each moment's asset frame ends; backwards, when the sample before it is
    due."""
    if line.speed < 0:
        return (frames.asset - line.start) / line.speed + step
    return (frames.asset_ends - line.start) / line.speed


def _enters(frames: Frames, line: Line, step: float) -> Floats:
    if line.speed < 0:
        return (frames.asset_ends - line.start) / line.speed + step
    return (frames.asset - line.start) / line.speed


def _span(
    frames: Frames, line: Line, limits: tuple[float, float], step: float, mirrored: bool
) -> Span | None:
    """Return where a run of agreeing moments begins and ends on both sides; None if nothing is left.

    The true edge lies within one sampling step outside the first sample and inside the last one's interval.
    Half a step is the best guess. If an edge of the asset or the query is near, that edge is used.
    """
    query_duration, asset_duration = limits
    # Seconds of the query at which the line enters and leaves the asset.
    enters, leaves = sorted((line.query(0.0), line.query(asset_duration)))
    near = EDGE * step
    start = max(float(frames.query[0]), float(_enters(frames, line, step)[0]) - step) - step / 2
    end = min(float(frames.query_ends[-1]), float(_leaves(frames, line, step)[-1]) + step) - step / 2
    start, end = min(start, float(frames.query[0])), max(end, float(frames.query[-1]))
    start = enters if abs(start - enters) < near else start
    end = leaves if abs(end - leaves) < near else end
    start = 0.0 if start < near and enters < near else start
    end = query_duration if query_duration - end < near and leaves > query_duration - near else end
    start, end = max(start, 0.0, enters), min(end, query_duration, leaves)
    if end - start <= 0:
        return None
    inside = sorted(min(max(line.asset(edge), 0.0), asset_duration) for edge in (start, end))
    return Span(
        query=(round(start, 2), round(end, 2)),
        asset=(round(inside[0], 2), round(inside[1], 2)),
        speed=round(line.speed, 2),
        mirrored=mirrored,
    )


def _single(pairs: Similarity, limits: tuple[float, float]) -> Aligned:
    """Align a still on either side: its best pair stands alone and tells nothing of time."""
    frames, mirrored = _frames(pairs, np.array([int(np.argmax(pairs.score))]))
    query_time, asset_time = float(frames.query[0]), float(frames.asset[0])
    query = (query_time, min(max(query_time, float(frames.query_ends[0])), limits[0]))
    if len(pairs.query) == 1:
        query = (0.0, limits[0])
    asset = (asset_time, max(asset_time, min(float(frames.asset_ends[0]), limits[1])))
    span = Span(
        query=(round(query[0], 2), round(max(query), 2)),
        asset=(round(asset[0], 2), round(asset[1], 2)),
        speed=1.0,
        mirrored=mirrored,
    )
    return Aligned(span, frames, Line(1.0, asset_time - query_time), 1, limits, pairs.query.step)
