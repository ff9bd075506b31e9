"""Place a fake and its original on a query, and compare the three cell by cell. Pure.

The two are seen at one time and, as mosaics, in the part of the picture that the query shows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from registry.catalogue.fingerprints.model.mosaics import Cells
from registry.core.numbers import Floats
from registry.matching.alignment.model import registration
from registry.matching.alignment.model.shared_moments import PHASE, PHASES, Side
from registry.matching.alignment.model.views import View

CAPPED: Final = 12.0
"""Most that a cell counts in the choice of a phase, in grey levels."""
NOISE: Final = 4.0
"""Least noise of a cell in grey levels: a level of the mosaic is up to 16 high."""
OCCLUDED: Final = 5.0
"""Noise deviations from which a cell that is like neither fake nor original weighs little: captions."""
SLIGHT: Final = 12.0
"""Difference of fake and original in grey levels below which a cell weighs little: rounding makes as much."""
HIDDEN: Final = 3.0
"""Differences of fake and original that the residual of a hidden cell counts at most."""
MOST: Final = 20.0
"""Noise deviations that any residual counts at most."""
ROUNDS: Final = 4


@dataclass(frozen=True)
class Placed:
    """A pair placed on the query. `misfit`: how much of the query it leaves unexplained. `lost`: the median
    misfit of a moment's picture, as `registration.misfit`: one may show something else."""

    pair: Pair
    residuals: Residuals
    view: View
    misfit: float
    lost: float

    @classmethod
    def of(cls, query: Cells, pair: Pair) -> Placed:
        view = View.of(query, (pair.fake(0) + pair.original(0)) / 2, pair.times)
        within = view.within

        def at(phase: float) -> tuple[Cells, Cells]:
            return view.seen(pair.fake(phase), pair.times), view.seen(pair.original(phase), pair.times)

        def misfit(phase: float) -> float:
            return _misfit(query, *at(phase), within)

        phase = _lowest(misfit) if pair.moving else 0.0
        fake, original = at(phase)
        shown = (fake + original) / 2
        moments = range(len(query))
        lost = [registration.lost(query[[row]], shown[[row]], within) for row in moments]
        residuals = Residuals.of(query, fake, original, within)
        return cls(pair, residuals, view, misfit(phase), float(np.median(lost)))


def _lowest(misfit: Callable[[float], float]) -> float:
    """Return the phase of least misfit, by descent from 0: the misfit rises on both sides of the right
    one."""
    known = {step: misfit(step * PHASE) for step in (-1, 0, 1)}
    best = min(known, key=lambda step: known[step])
    while 0 < abs(best) < PHASES:
        further = best + (1 if best > 0 else -1)
        known[further] = misfit(further * PHASE)
        if known[further] >= known[best]:
            break
        best = further
    return best * PHASE


@dataclass(frozen=True)
class Pair:
    """A fake and its original at the moments of a query. `part`: the part of the original's picture that the
    fake shows. `lag`: seconds by which the original's alignment is off against the fake's. `apart`: how far
    the two are from each other, in grey levels."""

    sides: tuple[Side, Side]
    times: Floats
    part: registration.Place = registration.WHOLE
    lag: float = 0.0
    apart: float = 0.0

    @classmethod
    def of(cls, fake: Side, original: Side, times: Floats) -> Pair:
        left, right = fake.at(times), original.at(times)
        part = registration.WHOLE
        if registration.correlation(left.mean(axis=0), right.mean(axis=0)) < registration.SAME:
            part = registration.register(left, right)
        pair = cls((fake, original), times, part)

        def apart(lag: float) -> float:
            difference = left - replace(pair, lag=lag).original(0)
            return float(np.minimum(np.abs(difference), CAPPED).mean()) + (lag != 0) / 10

        lag = _lowest(apart) if pair.moving and len(original.mosaics) > 1 else 0.0
        return replace(pair, lag=lag, apart=apart(lag))

    @property
    def moving(self) -> bool:
        return len(self.sides[0].mosaics) > 1

    @property
    def unexplained(self) -> float:
        """Share of the fake's picture that the original does not explain, 0-1: the median of the moments.
        Cells that it does not show are unexplained."""
        fake, original, inside = self.fake(0), self.original(0), registration.inside(self.part)
        lost = [registration.lost(fake[[row]], original[[row]], inside) for row in range(len(fake))]
        return float(np.median(lost))

    def fake(self, phase: float) -> Cells:
        return self.sides[0].at(self.times + phase)

    def original(self, phase: float) -> Cells:
        return registration.seen(self.sides[1].at(self.times + phase + self.lag), self.part)


def pairs(fake: Side, original: Side, times: Floats) -> list[Pair]:
    """Return the pairs to place on the query.

    A fake is made of its original's frames. So one line in time, and a constant between the two, holds for
    both. If one was aligned at another speed or start, the two are seen at different moments, and what moved
    in between is taken for their difference. Then both are compared along the line of either.
    """
    found = Pair.of(fake, original, times)
    mine, others = fake.aligned.line, original.aligned.line
    later = (others.speed - mine.speed) * times + others.start - mine.start
    if np.abs(later).max() <= _step(fake) or mine.speed * others.speed < 0:
        return [found]
    choices = [[found]]
    for constant in (0.0, float(np.median(later))):
        sides = (
            (fake, original.along(replace(mine, start=mine.start + constant))),
            (fake.along(replace(others, start=others.start - constant)), original),
        )
        choices.append([Pair.of(*both, times) for both in sides])
    return min(choices, key=lambda pairs: sum(pair.apart for pair in pairs) / len(pairs))


def _step(side: Side) -> float:
    """Return the seconds by which two lines may differ: a quarter of the samples' interval, which is short in
    media of a second."""
    times = side.mosaics.times
    return min(PHASE, float(np.median(np.diff(times))) / 4) if len(times) > 1 else PHASE


@dataclass(frozen=True, slots=True)
class Residuals:
    """Residuals of each cell, (k, 24, 24), in the query's grey levels.

    `left`: the query minus the fake. `apart`: the original minus the fake. `weights`: 0-1. `noise` (k, 1, 1).
    `within` (24, 24): cells that lie in the asset's picture. `known` (24, 24): root mean square over the
    moments of how far the original is from the fake, in their own grey levels."""

    left: Floats
    apart: Floats
    weights: Floats
    noise: Floats
    within: NDArray[np.bool_]
    known: Floats

    @classmethod
    def of(
        cls, query: Cells, fake: Cells, original: Cells, within: NDArray[np.bool_], rounds: int = ROUNDS
    ) -> Residuals:
        """Fit the query's tone curve, and let cells that are like neither weigh little."""
        weights: Floats = np.broadcast_to(within, query.shape).astype(np.float64)
        for _ in range(rounds):
            curve = _tone(query, (fake + original) / 2, weights, curved=rounds > 1)
            left, apart = query - curve(fake), curve(original) - curve(fake)
            nearer = np.minimum(np.abs(left), np.abs(left - apart))
            noise = np.maximum(1.5 * _median(nearer[:, within]), NOISE)
            weights = within / (1 + (nearer / (OCCLUDED * noise)) ** 2) ** 2
        known = np.sqrt(((original - fake) ** 2 * within).mean(axis=0))
        return cls(left, apart, weights, noise, within, known)

    @property
    def size(self) -> Floats:
        """(24, 24): root mean square over the moments of how far the original is from the fake."""
        return np.asarray(np.sqrt((self.apart**2 * self.within).mean(axis=0)))

    @property
    def differing(self) -> NDArray[np.bool_]:
        """(k, 24, 24): where fake and original differ, clear of the noise of each moment."""
        size = np.abs(self.apart)
        least = np.maximum(2 * self.noise, np.quantile(size, 0.9, axis=(1, 2), keepdims=True))
        return np.asarray((size > least) & self.within)

    @property
    def unlike(self) -> float:
        """What the original leaves unexplained where the two differ, beyond what either leaves elsewhere in
        the same moments, in shares of their difference. Hidden cells count too."""
        apart, left = np.abs(self.apart), np.abs(self.left - self.apart)
        elsewhere = ~self.differing & self.within
        least = np.minimum(np.minimum(np.abs(self.left), left), MOST * self.noise) ** 2 * elsewhere
        usual = least.sum(axis=(1, 2)) / np.maximum(elsewhere.sum(axis=(1, 2)), 1)
        weights = self.within * apart**2 / (apart**2 + SLIGHT**2) / self.noise**2
        beyond = np.minimum(left, HIDDEN * apart + self.noise) ** 2 - usual[:, None, None] / 2
        whole = max(float((weights * apart**2).sum()), 1e-9)
        return float(np.sqrt(max(float((weights * beyond).sum()), 0.0) / whole))

    @property
    def filtered(self) -> tuple[Floats, Floats]:
        """(k, 24, 24) each, of which the sums are <r, d> and <d, d>, in variances of each moment's noise: a
        moment past the end of the span shows something else."""
        weights = self.weights * self.apart**2 / (self.apart**2 + SLIGHT**2) / self.noise**2
        return weights * self.left * self.apart, weights * self.apart**2


class _Curve:
    """A tone curve: a polynomial of grey levels."""

    def __init__(self, factors: Floats) -> None:
        self._factors = factors

    def __call__(self, cells: Cells) -> Floats:
        level = (cells.astype(np.float64) - 128) / 64
        return np.asarray(np.polynomial.polynomial.polyval(level, self._factors))


def _tone(query: Cells, asset: Cells, weights: Floats, *, curved: bool) -> _Curve:
    """Fit gain and offset, and curvature if `curved`: people grade copies, and apps brighten them."""
    level = (asset.astype(np.float64) - 128) / 64
    powers = np.stack([level**power for power in range(3 if curved else 2)]).reshape(3 if curved else 2, -1)
    weighted = powers * weights.ravel()
    normal = weighted @ powers.T
    steady = 1e-3 * float(weights.sum()) * np.diag([0.0, 0.0, 1.0][: len(powers)])
    return _Curve(np.linalg.solve(normal + steady + 1e-9 * np.eye(len(powers)), weighted @ query.ravel()))


def _median(cells: Floats) -> Floats:
    """Return (k, 1, 1) the median of each picture's cells, in half of the time of `np.median`."""
    flat = cells.reshape(len(cells), -1)
    middle = flat.shape[1] // 2
    return np.asarray(
        np.partition(flat, (middle - 1, middle))[:, middle - 1 : middle + 1].mean(axis=1)[:, None, None]
    )


def _misfit(query: Cells, fake: Cells, original: Cells, within: NDArray[np.bool_]) -> float:
    """Return how much of the query neither the fake nor the original, nor anything between them, explains."""
    residuals = Residuals.of(query, fake, original, within, rounds=1)
    left = np.abs(residuals.left - value(*residuals.filtered) * residuals.apart)
    return float((np.minimum(left, CAPPED) ** 2 * within).mean())


def value(products: Floats, energies: Floats) -> float:
    return float(products.sum() / max(float(energies.sum()), 1e-9))
