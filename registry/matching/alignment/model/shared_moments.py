"""Mosaics of a query and of an asset at the same moments, one placed on the other. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from registry.catalogue.fingerprints.model.mosaics import Cells, Mosaics
from registry.core.numbers import Floats, Ints
from registry.matching.alignment.model import registration
from registry.matching.alignment.model.align import Aligned
from registry.matching.alignment.model.temporal_voting import Line
from registry.matching.alignment.model.views import View

Area = tuple[float, float, float, float]
"""Part of the query's picture: left, top, right, bottom, 0-1."""

WHOLE_AREA: Final = np.array([0.0, 0.0, 1.0, 1.0])
ONE_PART: Final = 0.7
"""Intersection over union from which two areas are the same part of the picture."""
PLACED: Final = 10
"""Most moments by which one picture is placed on the other, spread evenly."""
PHASE: Final = 0.125
PHASES: Final = 3
"""Steps of PHASE seconds by which the alignment may be off either way: samples are half a second apart."""


@dataclass(frozen=True, slots=True)
class Side:
    """A fake or an original: its mosaics, and a span of the query that shows it."""

    mosaics: Mosaics
    aligned: Aligned

    def at(self, times: Floats) -> Cells:
        """Return (k, 24, 24) at these seconds of the query, interpolated between samples."""
        line = self.aligned.line
        return _at(self.mosaics, line.speed * times + line.start)

    def along(self, line: Line) -> Side:
        """Return the side as if it had been aligned along this line."""
        return replace(self, aligned=replace(self.aligned, line=line))


@dataclass(frozen=True, slots=True)
class Shared:
    """The query's cells at k moments, and the asset that they show.

    `times` (k,) seconds of the query; `query` (k, 24, 24), mirrored if the span is.
    """

    times: Floats
    query: Cells
    side: Side
    view: View

    @property
    def within(self) -> NDArray[np.bool_]:
        """(24, 24): the query's cells that lie in the asset's picture."""
        return self.view.within

    def asset(self, phase: float) -> Cells:
        """Return (k, 24, 24): what the query shows of the asset, `phase` seconds of the query later."""
        return self.view.seen(self.side.at(self.times + phase), self.times)


def shared(mosaics: Mosaics, side: Side, *, most: int, area: Area | None = None) -> Shared | None:
    """Place an asset on the query at up to `most` moments of a span, spread evenly.

    `area`: the part of the query's picture that shows the asset; None: as aligned. Returns None without
    mosaics of both.
    """
    if not len(mosaics) or not len(side.mosaics):
        return None
    chosen = moments(mosaics, (side.aligned,), area, most)
    if not len(chosen):
        return None
    times, query = mosaics.times[chosen], mosaics.cells(chosen)
    query = query[:, :, ::-1] if side.aligned.span.mirrored else query
    some = registration.spread(len(times), PLACED)
    view = View.of(query[some], side.at(times[some]), times[some])
    return Shared(times, query, side, view)


def moments(mosaics: Mosaics, spans: tuple[Aligned, ...], area: Area | None, most: int) -> Ints:
    """Return the indices of the query's mosaics to compare, in all of these spans: those of the part of the
    picture that shows the first, else of the whole picture."""
    starts, ends = zip(*map(_ends, spans), strict=True)
    start, end = max(starts), min(ends)
    covered = (mosaics.times >= start - 1e-6) & (mosaics.times <= end + 1e-6)
    shares = _overlap(mosaics.areas, np.array(area) if area is not None else _area(spans[0]))
    part = covered & (shares >= max(ONE_PART, float(shares[covered].max(initial=0.0)) - 1e-6))
    whole = covered & (mosaics.areas == WHOLE_AREA).all(axis=1)
    rows = np.nonzero(part if part.any() else whole)[0]
    chosen: Ints = rows[registration.spread(len(rows), most)]
    return chosen


def _ends(aligned: Aligned) -> tuple[float, float]:
    """Return the first and the last moment that agrees: half a second later another clip may be on screen."""
    frames = aligned.frames
    if not len(frames):
        return aligned.span.query
    return float(frames.query[0]), max(float(frames.query[-1]), float(frames.query_ends.max()) - aligned.step)


def _area(aligned: Aligned) -> Floats:
    areas = aligned.frames.areas
    return np.asarray(np.median(areas, axis=0) if len(areas) else WHOLE_AREA, dtype=np.float64)


def _overlap(areas: Floats, area: Floats) -> Floats:
    """Return (n,) the intersection over union of areas (n, 4) with one, 0-1."""
    sides = np.minimum(areas[:, 2:], area[2:]) - np.maximum(areas[:, :2], area[:2])
    common = np.prod(np.maximum(sides, 0), axis=1)
    sizes = np.prod(areas[:, 2:] - areas[:, :2], axis=1) + np.prod(area[2:] - area[:2])
    return np.asarray(common / np.maximum(sizes - common, 1e-6))


def _at(mosaics: Mosaics, times: Floats) -> Cells:
    """Return (k, 24, 24) at these times of an asset, interpolated between its samples."""
    if len(mosaics) == 1:
        return mosaics.cells(np.zeros(len(times), dtype=np.int64))
    after = np.clip(np.searchsorted(mosaics.times, times), 1, len(mosaics) - 1)
    gaps = np.maximum(mosaics.times[after] - mosaics.times[after - 1], 1e-6)
    share = np.clip((times - mosaics.times[after - 1]) / gaps, 0, 1)[:, None, None]
    return mosaics.cells(after - 1) * (1 - share) + mosaics.cells(after) * share
