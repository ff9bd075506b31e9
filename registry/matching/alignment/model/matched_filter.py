"""Tell a copy of a fake from its original by the part of the picture where the two differ. Pure.

The query, the fake and the original are compared as mosaics of the same moments. Let d be the original
minus the fake, and r the query minus the fake. The matched filter <r, d> / <d, d> is 0 for a copy of the fake
and 1 for the original (Turin, "An introduction to matched filters", 1960). It recognises no face, so it works
for lip movements too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from registry.catalogue.fingerprints.model.mosaics import Cells, Mosaics
from registry.core.numbers import Floats
from registry.matching.alignment.model import placing, registration, shared_moments
from registry.matching.alignment.model.placing import Residuals
from registry.matching.alignment.model.shared_moments import Area, Side

MOMENTS: Final = 10
"""Most moments compared, spread evenly."""

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
MISPLACED: Final = 0.3
"""Misfit from which the query is not placed: what is nearer to it then is chance."""
UNSURE: Final = 0.15
"""Misfit from which the query is also tried mirrored: crops and captions hide that from the hashes. Of 117
copies that are placed rightly most have .01 to .12, mirrored ones .2 and more."""
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
MOSTLY: Final = 0.6
"""Share of the cells that must be the fake's, within the noise, if the others are like neither: a sticker."""
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

    Returns None without mosaics of all three, if fake and original hardly differ, or if one of them is
    mirrored: then all of the picture would differ.
    """
    flipped = fake.aligned.span.mirrored
    if flipped != original.aligned.span.mirrored:
        return None
    if not all(map(len, (mosaics, fake.mosaics, original.mosaics))):
        return None
    chosen = shared_moments.moments(mosaics, (fake.aligned, original.aligned), area, MOMENTS)
    if not len(chosen):
        return None
    times = mosaics.times[chosen]
    query = mosaics.cells(chosen)
    pairs = placing.pairs(fake, original, times)
    best = _best(query, pairs, flipped=flipped)
    if best.view.misfit >= UNSURE:
        best = min(best, _best(query, pairs, flipped=not flipped), key=lambda one: one.view.misfit)
    found = _difference(times, best.residuals, best.view.place)
    if found is not None and best.view.misfit >= MISPLACED:
        return replace(found, fits=False)
    return found


def _best(query: Cells, pairs: Sequence[placing.Pair], *, flipped: bool) -> placing.Placed:
    """Return the pair that explains most of the query."""
    seen = query[:, :, ::-1] if flipped else query
    return min((placing.Placed.of(seen, pair) for pair in pairs), key=lambda one: one.misfit)


def _difference(times: Floats, residuals: Residuals, place: registration.Place) -> Difference | None:
    products, energies = residuals.filtered
    if _strength(energies) < 1:
        return None
    value = placing.value(products, energies)
    odds = _odds(value, energies)
    return Difference(
        value=value,
        odds=odds,
        fits=_fits(residuals, value) and not _contradicted(residuals, odds),
        times=tuple(map(float, times)),
        values=tuple(map(float, products.sum(axis=(1, 2)) / np.maximum(energies.sum(axis=(1, 2)), 1e-9))),
        place=place,
        cells=_cells(residuals, products, energies),
        contrary=_says_contrary(residuals, odds, _spots(residuals, odds)),
    )


def _cells(residuals: Residuals, products: Floats, energies: Floats) -> tuple[Cell, ...]:
    """Return the cells in which the fake and its original differ by `DIFFERS` grey levels or more."""
    apart = residuals.size
    values = products.sum(axis=0) / np.maximum(energies.sum(axis=0), 1e-9)
    found = np.argwhere(apart >= DIFFERS).tolist()
    return tuple(Cell(at, by, float(apart[at, by]), float(values[at, by])) for at, by in found)


def _strength(energies: Floats) -> float:
    """Return the mean energy of a moment."""
    return float(energies.sum(axis=(1, 2)).mean())


def _odds(value: float, energies: Floats) -> float:
    effective = _effective(len(energies))
    return ODDS * effective * (0.5 - value) / (SPREAD + ENERGY / max(_strength(energies), 1e-9))


def _effective(count: int) -> float:
    """Return how many independent moments so many correlated ones are worth."""
    return count / (1 + CORRELATED * (count - 1))


def _contradicted(residuals: Residuals, odds: float) -> bool:
    """Tell whether some part of the difference says the contrary by itself: an original may be registered
    with a logo that neither the fake nor the query has, and the face decides then."""
    spots = _spots(residuals, odds) if len(residuals.filtered[1]) == 1 else []
    return _says_contrary(residuals, odds, [*registration.connected(residuals.size >= DIFFERS), *spots])


def _spots(residuals: Residuals, odds: float) -> list[NDArray[np.bool_]]:
    """Return the parts of `SPOT` connected cells or more that are each nearer to the other of the two."""
    products, energies = (values.sum(axis=0) for values in residuals.filtered)
    contrary = (residuals.size >= DIFFERS) & ((products > energies / 2) == (odds > 0))
    return [part for part in registration.connected(contrary) if part.sum() >= SPOT]


def _says_contrary(residuals: Residuals, odds: float, parts: Sequence[NDArray[np.bool_]]) -> bool:
    """Tell whether one of the parts by itself says the contrary of the whole."""
    products, energies = residuals.filtered
    for part in parts:
        inside = energies * part
        of_part = _odds(placing.value(products * part, inside), inside)
        if np.sign(of_part) != np.sign(odds) and abs(of_part) >= CONTRARY:
            return True
    return False


def _fits(residuals: Residuals, value: float) -> bool:
    """Tell whether the query is one of the two where they differ: its residual there is like elsewhere.

    Or most of it is the fake, whatever hides the rest. Most of an original proves nothing: its mouth may be
    moved.
    """
    size = np.abs(residuals.apart)
    least = np.maximum(2 * residuals.noise, np.quantile(size, 0.9, axis=(1, 2), keepdims=True))
    differ = (size > least) & residuals.within
    elsewhere = ~differ & residuals.within
    if differ.sum() < FEWEST:  # too few to tell by them; a spot that differs clearly may decide all the same
        return int((residuals.size >= DIFFERS).sum()) >= SPOT
    left = np.abs(residuals.left - (value > 0.5) * residuals.apart) / residuals.noise
    here, there = (float(np.sqrt((np.minimum(left[cells], 20) ** 2).mean())) for cells in (differ, elsewhere))
    return here < FITS * max(there, 0.1) or (value <= 0.5 and float(np.quantile(left[differ], MOSTLY)) < 1)
