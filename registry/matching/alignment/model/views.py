"""What a query shows of an asset's picture: a rectangle of it, or a turned, slanted or moving one. Pure.

A rotated copy, a screen filmed at a slant, and a slow zoom show no fixed rectangle. Then the rectangle that
`registration` finds is refined: each coordinate is bilinear in the query's two, and its shift and size change
evenly with time. Gauss-Newton finds these twelve numbers (Baker and Matthews, 2004).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from registry.catalogue.fingerprints.model.mosaics import SIDE, Cells
from registry.core.numbers import Floats
from registry.matching.alignment.model import registration
from registry.matching.alignment.model.registration import CENTRES, SETTLED, Place

EXPLAINED: Final = 0.04
"""Misfit up to which a rectangle is right."""
GAINS: Final = 0.01
"""Misfit that another shape must gain over the rectangle."""
ROUNDS: Final = 8
FARTHEST: Final = 0.15
"""Most that one of the numbers may be, in shares of the picture: a turn of 8 degrees needs .14."""
REDUCED: Final = 1.25
"""Size of what the query shows, in pictures, from which several places of each cell are averaged."""
_ACROSS: Final = np.tile(CENTRES, SIDE) - 0.5
_DOWN: Final = np.repeat(CENTRES, SIDE) - 0.5
_STILL: Final = np.stack([np.ones(SIDE * SIDE), _ACROSS, _DOWN, _ACROSS * _DOWN])

Places = tuple[Floats, Floats]
"""Across and down, (k, 576) each: where each cell of the query lies in the asset's picture, in shares."""


@dataclass(frozen=True, slots=True)
class View:
    """`place`: the rectangle. `numbers` (2, 6): what is added to its coordinates, of 1, u, v, uv, time, and
    time by u (or by v); None if it is a rectangle. `clock`: the middle of the moments, and their length, in
    seconds. `within` (24, 24): the query's cells that lie in the asset's picture at every moment.
    `misfit`: as `registration.misfit`."""

    place: Place
    numbers: Floats | None
    clock: tuple[float, float]
    within: NDArray[np.bool_]
    misfit: float

    @classmethod
    def of(cls, query: Cells, asset: Cells, times: Floats) -> View:
        """Find what (k, 24, 24) cells of a query show of the asset's at the same moments, at `times`."""
        place = registration.register(query, asset)
        length = float(np.ptp(times)) if len(times) > 2 else 0.0
        clock = (float(times.mean()), length)
        view = cls(place, None, clock, registration.inside(place), registration.misfit(query, asset, place))
        return view if view.misfit < EXPLAINED else view._refined(query, asset, times)

    def seen(self, asset: Cells, times: Floats) -> Cells:
        """Return (k, 24, 24): what the query shows of the asset's k moments, at these of its seconds."""
        if self.numbers is None:
            return registration.seen(asset, self.place)
        return _seen(asset, self.place, self._places(self.numbers, times))

    def _refined(self, query: Cells, asset: Cells, times: Floats) -> View:
        """Return the view that explains the query far better than the rectangle, or the rectangle."""
        numbers, best, least = np.zeros((2, 6)), self, self.misfit - GAINS
        for _ in range(ROUNDS):
            places = self._places(numbers, times)
            shown, within = _seen(asset, self.place, places), _within(places)
            misfit = registration.lost(query, shown, within)
            if misfit < least:
                best = replace(self, numbers=numbers, within=within, misfit=misfit)
                least = misfit
            moved = _moved(query, shown, within, self._since(times), self.place)
            numbers = numbers + moved
            if np.abs(numbers).max() > FARTHEST or np.abs(moved).max() < SETTLED:
                break
        return best

    def _since(self, times: Floats) -> Floats:
        """Return (k,) the moments, -.5 to .5."""
        middle, length = self.clock
        return (times - middle) / length if length > 0 else np.zeros(len(times))

    def _places(self, numbers: Floats, times: Floats) -> Places:
        left, top, right, bottom = self.place
        bases = ((left + right) / 2 + _ACROSS * (right - left), (top + bottom) / 2 + _DOWN * (bottom - top))
        since = self._since(times)[:, None]
        across, down = (
            (base + some[:4] @ _STILL)[None, :] + since * (some[4] + some[5] * along)[None, :]
            for base, some, along in zip(bases, numbers, (_ACROSS, _DOWN), strict=True)
        )
        return across, down


def _within(places: Places) -> NDArray[np.bool_]:
    across, down = places
    within = (across > 0) & (across < 1) & (down > 0) & (down < 1)
    return np.asarray(within.all(axis=0).reshape(SIDE, SIDE))


def _seen(asset: Cells, place: Place, places: Places) -> Cells:
    (left, top, right, bottom), (across, down) = place, places
    if max(right - left, bottom - top) <= REDUCED:
        return _sampled(asset, across, down)
    wide, tall = (right - left) / SIDE / 4, (bottom - top) / SIDE / 4
    corners = [(x, y) for x in (-wide, wide) for y in (-tall, tall)]
    return np.asarray(np.mean([_sampled(asset, across + x, down + y) for x, y in corners], axis=0))


def _sampled(asset: Cells, across: Floats, down: Floats) -> Cells:
    """Return (k, 24, 24): the asset's cells at these places, interpolated."""
    x, y = (np.clip(at * SIDE - 0.5, 0, SIDE - 1 - 1e-9) for at in (across, down))
    column, row = x.astype(np.int64), y.astype(np.int64)
    x, y = x - column, y - row
    flat, at = asset.reshape(len(asset), -1), row * SIDE + column
    corners = [np.take_along_axis(flat, at + step, axis=1) for step in (0, 1, SIDE, SIDE + 1)]
    upper, lower = corners[0] + (corners[1] - corners[0]) * x, corners[2] + (corners[3] - corners[2]) * x
    return np.asarray((upper + (lower - upper) * y).reshape(asset.shape))


def _moved(query: Cells, shown: Cells, within: NDArray[np.bool_], since: Floats, place: Place) -> Floats:
    """Return (2, 6) by how much to change the numbers: a step of Gauss-Newton."""
    weights: Floats = np.broadcast_to(within, query.shape).astype(np.float64)
    for _ in range(2):
        part, left, weights = registration.unexplained(query, shown, weights, within)
    down, across = np.gradient(part, axis=(1, 2))
    rows = []
    for slope, size, along in ((across, place[2] - place[0], _ACROSS), (down, place[3] - place[1], _DOWN)):
        flat = (slope * within * SIDE / size).reshape(len(shown), -1)
        rows += [flat * base for base in _STILL]
        rows += [flat * since[:, None], flat * since[:, None] * along]
    slopes = np.stack(rows).reshape(12, -1)
    weighted = slopes * weights.ravel()
    normal = weighted @ slopes.T
    steady = (1e-4 * np.trace(normal) + 1e-9) * np.eye(12)
    return np.asarray(np.linalg.solve(normal + steady, weighted @ left.ravel()).reshape(2, 6))
