"""Tell a copy of a fake from its original by the part of the picture where the two differ. Pure.

The query, the fake and the original are compared as mosaics of the same moments. Let d be the original
minus the fake, and r the query minus the fake. The matched filter <r, d> / <d, d> is 0 for a copy of the fake
and 1 for the original (Turin, "An introduction to matched filters", 1960). It recognises no face, so it works
for lip movements too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from registry.catalogue.fingerprints.model.mosaics import Cells, Mosaics
from registry.core.numbers import Floats
from registry.matching.alignment.model import registration, shared_moments
from registry.matching.alignment.model.shared_moments import PHASE, PHASES, Area, Side

MOMENTS: Final = 10
"""Most moments compared, spread evenly."""
CAPPED: Final = 12.0
"""Most that a cell counts in the choice of a phase, in grey levels."""
NOISE: Final = 4.0
"""Least noise of a cell in grey levels: a level of the mosaic is up to 16 high."""
OCCLUDED: Final = 5.0
"""Noise deviations from which a cell that is like neither fake nor original weighs little: captions."""
SLIGHT: Final = 12.0
"""Difference of fake and original in grey levels below which a cell weighs little: rounding makes as much."""
ROUNDS: Final = 4

ODDS: Final = 12.0
SPREAD: Final = 0.5
ENERGY: Final = 25.0
CORRELATED: Final = 0.35
"""Log-odds for the fake: (.5 - value) x ODDS x moments / (1 + CORRELATED (moments - 1)) / (SPREAD + ENERGY /
energy of a moment). Fitted to 3,152 single frames and 320 clips of 20 pairs (decision 116)."""
DECIDES: Final = 3.0
DECIDES_ALONE: Final = 5.0
"""Log-odds from which several moments, or one alone where the bank lets it, decide. On these, 95 % of the
clips and 53 % of the frames were decided; none of the clips and .1 % of the frames wrongly."""
AGREED: Final = 2.0
"""Standard errors by which the mean of the moments must be past the middle for the original. An error calls
a copy authentic. 18 originals of the development half have 2.0 to 25, most over 8."""
DIFFERS: Final = 8.0
"""Root mean square in grey levels from which a cell belongs to a part that differs."""
CONTRARY: Final = 2.5
"""Log-odds with which a part contradicts all others."""
SPOT: Final = 12
"""Cells that say the contrary together, and are a part in one picture, whatever differs beside them."""
FITS: Final = 3.0
"""Residual where fake and original differ over the residual elsewhere, from which the query is neither."""
FEWEST: Final = 20
"""Cells, over all moments, that must differ."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell in which a fake and its original differ, of the part of the picture that the query shows.

    `row` and `column`: 0-23. `apart`: root mean square of the difference in grey levels. `value`: as of the
    whole, by this cell alone.
    """

    row: int
    column: int
    apart: float
    value: float


@dataclass(frozen=True, slots=True)
class Difference:
    """Whether the query is nearer to a fake or its original where they differ.

    `value`: 0 for a copy of the fake, 1 for the original. `odds`: log-odds for the fake. `fits`: the query is
    one of the two; False for a third version of the footage. `times` (k,) and `values` (k,) by moment.
    `place`: the part of the fake's picture that the query shows. `cells`: where the two differ, row by row.
    `contrary`: `SPOT` connected cells say the contrary over all moments together.
    """

    value: float
    odds: float
    fits: bool
    times: tuple[float, ...]
    values: tuple[float, ...]
    place: registration.Place = registration.WHOLE
    cells: tuple[Cell, ...] = ()
    contrary: bool = False

    @property
    def decides(self) -> bool:
        """Whether the value is far enough from both, and for an original the moments agree."""
        bar = DECIDES if len(self.times) > 1 else DECIDES_ALONE
        return self.fits and abs(self.odds) >= bar and (self.odds > 0 or self._agreed)

    @property
    def decides_alone(self) -> bool:
        """Whether it decides as one picture does: moments of a picture shown for seconds add nothing."""
        least = DECIDES_ALONE * _effective(len(self.times))
        return self.decides and not self.contrary and abs(self.odds) >= least

    @property
    def _agreed(self) -> bool:
        count = len(self.values)
        if count < 2:
            return True
        error = float(np.std(self.values, ddof=1) / np.sqrt(count))
        return float(np.mean(self.values)) - 0.5 >= AGREED * error

    @property
    def shows_fake(self) -> bool:
        return self.decides and self.odds > 0

    @property
    def shows_original(self) -> bool:
        return self.decides and self.odds < 0


def compare(mosaics: Mosaics, fake: Side, original: Side, *, area: Area | None = None) -> Difference | None:
    """Compare a query with both over the moments that both spans cover.

    `mosaics`: the query's. `area`: the part of its picture that shows the fake; None: as aligned.

    Returns None without mosaics of all three, or if fake and original hardly differ.
    """
    flipped = fake.aligned.span.mirrored
    if (
        not all(map(len, (mosaics, fake.mosaics, original.mosaics)))
        or flipped != original.aligned.span.mirrored
    ):
        return None
    chosen = shared_moments.moments(mosaics, (fake.aligned, original.aligned), area, MOMENTS)
    if not len(chosen):
        return None
    times = mosaics.times[chosen]
    query = mosaics.cells(chosen)
    query = query[:, :, ::-1] if flipped else query
    best = min(
        (_Placed.of(query, pair) for pair in _pairs(fake, original, times)), key=lambda one: one.misfit
    )
    return _difference(times, best.residuals, best.place)


@dataclass(frozen=True)
class _Placed:
    """A pair placed on the query. `misfit`: how much of the query it leaves unexplained."""

    residuals: _Residuals
    place: registration.Place
    misfit: float

    @classmethod
    def of(cls, query: Cells, pair: _Pair) -> _Placed:
        place = registration.register(query, (pair.fake(0) + pair.original(0)) / 2)
        within = registration.inside(place)

        def at(phase: float) -> tuple[Cells, Cells]:
            return registration.seen(pair.fake(phase), place), registration.seen(pair.original(phase), place)

        def misfit(phase: float) -> float:
            return _misfit(query, *at(phase), within)

        phase = _lowest(misfit) if pair.moving else 0.0
        return cls(_Residuals.of(query, *at(phase), within), place, misfit(phase))


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
class _Pair:
    """A fake and its original at the moments of a query. `part`: the part of the original's picture that the
    fake shows. `lag`: seconds by which the original's alignment is off against the fake's. `apart`: how far
    the two are from each other, in grey levels."""

    sides: tuple[Side, Side]
    times: Floats
    part: registration.Place = registration.WHOLE
    lag: float = 0.0
    apart: float = 0.0

    @classmethod
    def of(cls, fake: Side, original: Side, times: Floats) -> _Pair:
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

    def fake(self, phase: float) -> Cells:
        return self.sides[0].at(self.times + phase)

    def original(self, phase: float) -> Cells:
        return registration.seen(self.sides[1].at(self.times + phase + self.lag), self.part)


def _pairs(fake: Side, original: Side, times: Floats) -> list[_Pair]:
    """Return the pairs to place on the query.

    A fake is made of its original's frames. So one line in time, and a constant between the two, holds for
    both. If one was aligned at another speed or start, the two are seen at different moments, and what moved
    in between is taken for their difference. Then both are compared along the line of either.
    """
    found = _Pair.of(fake, original, times)
    mine, others = fake.aligned.line, original.aligned.line
    later = (others.speed - mine.speed) * times + others.start - mine.start
    if np.abs(later).max() <= PHASE or mine.speed * others.speed < 0:
        return [found]
    choices = [[found]]
    for constant in (0.0, float(np.median(later))):
        sides = (
            (fake, original.along(replace(mine, start=mine.start + constant))),
            (fake.along(replace(others, start=others.start - constant)), original),
        )
        choices.append([_Pair.of(*both, times) for both in sides])
    return min(choices, key=lambda pairs: sum(pair.apart for pair in pairs) / len(pairs))


@dataclass(frozen=True, slots=True)
class _Residuals:
    """Residuals of each cell, (k, 24, 24), in the query's grey levels.

    `left`: the query minus the fake. `apart`: the original minus the fake. `weights`: 0-1. `noise` (k, 1, 1).
    `within` (24, 24): cells that lie in the asset's picture."""

    left: Floats
    apart: Floats
    weights: Floats
    noise: Floats
    within: NDArray[np.bool_]

    @classmethod
    def of(
        cls, query: Cells, fake: Cells, original: Cells, within: NDArray[np.bool_], rounds: int = ROUNDS
    ) -> _Residuals:
        """Fit the query's tone curve, and let cells that are like neither weigh little."""
        weights: Floats = np.broadcast_to(within, query.shape).astype(np.float64)
        for _ in range(rounds):
            curve = _tone(query, (fake + original) / 2, weights, curved=rounds > 1)
            left, apart = query - curve(fake), curve(original) - curve(fake)
            nearer = np.minimum(np.abs(left), np.abs(left - apart))
            noise = np.maximum(1.5 * _median(nearer), NOISE)
            weights = within / (1 + (nearer / (OCCLUDED * noise)) ** 2) ** 2
        return cls(left, apart, weights, noise, within)

    @property
    def size(self) -> Floats:
        """(24, 24): root mean square over the moments of how far the original is from the fake."""
        return np.asarray(np.sqrt((self.apart**2 * self.within).mean(axis=0)))

    @property
    def filtered(self) -> tuple[Floats, Floats]:
        """(k, 24, 24) each, of which the sums are <r, d> and <d, d>."""
        weights = self.weights * self.apart**2 / (self.apart**2 + SLIGHT**2)
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
    residuals = _Residuals.of(query, fake, original, within, rounds=1)
    left = np.abs(residuals.left - _value(*residuals.filtered) * residuals.apart)
    return float((np.minimum(left, CAPPED) ** 2 * within).mean())


def _difference(times: Floats, residuals: _Residuals, place: registration.Place) -> Difference | None:
    products, energies = residuals.filtered
    if _strength(residuals, energies) < 1:
        return None
    value = _value(products, energies)
    odds = _odds(residuals, value, energies)
    return Difference(
        value=value,
        odds=odds,
        fits=_fit(residuals, value) < FITS and not _contradicted(residuals, odds),
        times=tuple(map(float, times)),
        values=tuple(map(float, products.sum(axis=(1, 2)) / np.maximum(energies.sum(axis=(1, 2)), 1e-9))),
        place=place,
        cells=_cells(residuals, products, energies),
        contrary=_says_contrary(residuals, odds, _spots(residuals, odds)),
    )


def _cells(residuals: _Residuals, products: Floats, energies: Floats) -> tuple[Cell, ...]:
    """Return the cells in which the fake and its original differ by `DIFFERS` grey levels or more."""
    apart = residuals.size
    values = products.sum(axis=0) / np.maximum(energies.sum(axis=0), 1e-9)
    found = np.argwhere(apart >= DIFFERS).tolist()
    return tuple(Cell(at, by, float(apart[at, by]), float(values[at, by])) for at, by in found)


def _value(products: Floats, energies: Floats) -> float:
    return float(products.sum() / max(float(energies.sum()), 1e-9))


def _strength(residuals: _Residuals, energies: Floats) -> float:
    """Return the mean energy of a moment in variances of the noise."""
    return float((energies.sum(axis=(1, 2)) / residuals.noise[:, 0, 0] ** 2).mean())


def _odds(residuals: _Residuals, value: float, energies: Floats) -> float:
    effective = _effective(len(energies))
    return ODDS * effective * (0.5 - value) / (SPREAD + ENERGY / max(_strength(residuals, energies), 1e-9))


def _effective(count: int) -> float:
    """Return how many independent moments so many correlated ones are worth."""
    return count / (1 + CORRELATED * (count - 1))


def _contradicted(residuals: _Residuals, odds: float) -> bool:
    """Tell whether some part of the difference says the contrary by itself: an original may be registered
    with a logo that neither the fake nor the query has, and the face decides then."""
    spots = _spots(residuals, odds) if len(residuals.filtered[1]) == 1 else []
    return _says_contrary(residuals, odds, [*registration.connected(residuals.size >= DIFFERS), *spots])


def _spots(residuals: _Residuals, odds: float) -> list[NDArray[np.bool_]]:
    """Return the parts of `SPOT` connected cells or more that are each nearer to the other of the two."""
    products, energies = (values.sum(axis=0) for values in residuals.filtered)
    contrary = (residuals.size >= DIFFERS) & ((products > energies / 2) == (odds > 0))
    return [part for part in registration.connected(contrary) if part.sum() >= SPOT]


def _says_contrary(residuals: _Residuals, odds: float, parts: Sequence[NDArray[np.bool_]]) -> bool:
    """Tell whether one of the parts by itself says the contrary of the whole."""
    products, energies = residuals.filtered
    for part in parts:
        inside = energies * part
        of_part = _odds(residuals, _value(products * part, inside), inside)
        if np.sign(of_part) != np.sign(odds) and abs(of_part) >= CONTRARY:
            return True
    return False


def _fit(residuals: _Residuals, value: float) -> float:
    """Return how much larger the residual is where fake and original differ than elsewhere."""
    size = np.abs(residuals.apart)
    least = np.maximum(2 * residuals.noise, np.quantile(size, 0.9, axis=(1, 2), keepdims=True))
    differ = (size > least) & residuals.within
    elsewhere = ~differ & residuals.within
    if differ.sum() < FEWEST:
        return 0.0
    left = np.abs(residuals.left - (value > 0.5) * residuals.apart) / residuals.noise
    here, there = (float(np.sqrt((np.minimum(left[cells], 20) ** 2).mean())) for cells in (differ, elsewhere))
    return here / max(there, 0.1)
