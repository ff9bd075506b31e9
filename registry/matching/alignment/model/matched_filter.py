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
MISPLACED: Final = (0.1, 0.3)
"""Misfit of the pictures up to which the log-odds count whole, and from which they count nothing: what is
nearer to a query that is not placed is chance."""
REST: Final = 0.5
"""Most that whole pictures and faces count beside what differs, in shares of its log-odds. Pictures alone
chose rightly for 86 of 88 copies and 18 of 18 originals."""
CONSISTENT: Final = 4.0
"""Standard errors by which the moments must be past the middle where few cells differ clearly ..."""
SOME: Final = 4
"""... and how many moments there must be."""
UNSURE: Final = 0.15
"""Misfit from which the query is also tried mirrored: crops and captions hide that from the hashes. Of 117
copies that are placed rightly most have .01 to .12, mirrored ones .2 and more."""
AGREED: Final = 2.0
"""Standard errors by which the mean of the moments must be past the middle for the original. An error calls
a copy authentic. 18 originals of the development half have 2.0 to 25, most over 8."""
UNLIKE: Final = 0.8
"""What the original may leave unexplained where the two differ, in shares of their difference, if the query
is the original. 363 of 379 edited originals that the filter chose leave less; fakes under a sticker, or with
another light or coarse pixels over the face, more."""
BEYOND: Final = 1.25
"""Value up to which the query is the original. 289 edited originals have 1.08 at most; a badly placed copy in
a grid had 1.4."""
DIFFERS: Final = 8.0
"""Root mean square in grey levels from which a cell belongs to a part that differs."""
CONTRARY: Final = 2.5
"""Log-odds with which a part contradicts all others."""
LARGE: Final = (3, 0.05)
"""Cells, and share of all that differ, from which a part of several moments must not say the contrary at all:
a logo on the registered original, or the fake's caption, outweighs the face."""
SPOT: Final = 12
"""Cells that say the contrary together, and are a part in one picture, whatever differs beside them."""
UNEXPLAINED: Final = 0.05
"""Share of a fake's picture that its original may leave unexplained. More is another framing, or a caption or
sticker on either as registered, and those say nothing of the query. Of 378 comparisons with originals as they
were 370 leave less (decision 162)."""
CLEAN: Final = 0.03
"""Share from which no `SPOT` may say the contrary: it may be all that was changed, and the rest a caption."""
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
    `contrary`: `SPOT` connected cells say the contrary over all moments together. `rest`: log-odds for the
    fake of the rest of the evidence. `unlike`: how little the query is like the original where the two
    differ, as `placing.Residuals.unlike`. `unexplained`: share of the fake's whole picture that
    the original does not explain, as `placing.Pair.unexplained`.
    """

    value: float
    odds: float
    fits: bool
    times: tuple[float, ...]
    values: tuple[float, ...]
    place: registration.Place = registration.WHOLE
    cells: tuple[Cell, ...] = ()
    contrary: bool = False
    rest: float = 0.0
    unlike: float = 0.0
    unexplained: float = 0.0

    def beside(self, rest: float) -> Difference:
        """Return it with the log-odds for the fake of whole pictures and faces."""
        return replace(self, rest=rest)

    @property
    def total(self) -> float:
        """Log-odds for the fake of all evidence."""
        most = REST * abs(self.odds)
        return self.odds + min(max(self.rest, -most), most)

    @property
    def decides(self) -> bool:
        """Whether the value is far enough from both, the two differ by what was changed, and for an original
        the moments agree."""
        if self._differs_otherwise:
            return False
        if len(self.times) < 2:
            return self.fits and abs(self.odds) >= DECIDES_ALONE
        sure = self.total >= DECIDES if self.odds > 0 else -self.total >= DECIDES and self._agreed
        return self.fits and sure

    @property
    def _differs_otherwise(self) -> bool:
        """Whether the two differ by more than what was changed. Then the value may be of the rest: footage is
        like its fake wherever only the registered original has a caption. A query that is like the
        original everywhere is still the original."""
        if self.odds > 0:
            return self.unexplained > (CLEAN if self.contrary else UNEXPLAINED)
        return self.contrary and self.unexplained > UNEXPLAINED

    @property
    def decides_alone(self) -> bool:
        """Whether it decides as one picture does: moments of a picture shown for seconds add nothing."""
        least = DECIDES_ALONE * _effective(len(self.times))
        return self.decides and not self.contrary and abs(self.odds) >= least

    @property
    def _agreed(self) -> bool:
        return len(self.values) < 2 or -_past(np.array(self.values)) >= AGREED

    @property
    def shows_fake(self) -> bool:
        return self.decides and self.odds > 0

    @property
    def shows_original(self) -> bool:
        return self.decides and self.odds < 0

    @property
    def proves_original(self) -> bool:
        """Whether the query is like the original, and not only unlike the fake: a sticker on the fake's face
        may be as light as the original's."""
        return self.shows_original and self.value <= BEYOND and self.unlike <= UNLIKE


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
    return _difference(times, best)


def _best(query: Cells, pairs: Sequence[placing.Pair], *, flipped: bool) -> placing.Placed:
    """Return the pair that explains most of the query."""
    seen = query[:, :, ::-1] if flipped else query
    return min((placing.Placed.of(seen, pair) for pair in pairs), key=lambda one: one.misfit)


def _difference(times: Floats, placed: placing.Placed) -> Difference | None:
    residuals = placed.residuals
    products, energies = residuals.filtered
    if _strength(energies) < 1:
        return None
    value = placing.value(products, energies)
    odds = _odds(value, energies)
    least, most = MISPLACED
    sure = min(max((most - placed.lost) / (most - least), 0.0), 1.0)
    return Difference(
        value=value,
        odds=sure * odds,
        fits=_fits(residuals, value) and not _contradicted(residuals, odds),
        times=tuple(map(float, times)),
        values=tuple(map(float, _by_moment(products, energies))),
        place=placed.view.place,
        cells=_cells(residuals, products, energies),
        contrary=_says_contrary(residuals, odds, _spots(residuals, odds)),
        unlike=residuals.unlike,
        unexplained=placed.pair.unexplained,
    )


def _cells(residuals: Residuals, products: Floats, energies: Floats) -> tuple[Cell, ...]:
    """Return the cells in which the fake and its original differ by `DIFFERS` grey levels or more."""
    apart = residuals.size
    values = products.sum(axis=0) / np.maximum(energies.sum(axis=0), 1e-9)
    found = np.argwhere(apart >= DIFFERS).tolist()
    return tuple(Cell(at, by, float(apart[at, by]), float(values[at, by])) for at, by in found)


def _by_moment(products: Floats, energies: Floats) -> Floats:
    """Return (k,) the value of each moment."""
    return np.asarray(products.sum(axis=(1, 2)) / np.maximum(energies.sum(axis=(1, 2)), 1e-9))


def _past(values: Floats) -> float:
    """Return by how many standard errors the mean of the moments is past the middle, towards the fake."""
    error = float(np.std(values, ddof=1) / np.sqrt(len(values)))
    return float(0.5 - values.mean()) / max(error, 1e-9)


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
    parts = registration.connected(residuals.size >= DIFFERS)
    if len(residuals.filtered[1]) == 1:
        return _says_contrary(residuals, odds, [*parts, *_spots(residuals, odds)])
    return _says_contrary(residuals, odds, parts) or _says_contrary(residuals, odds, _large(residuals), 0.0)


def _large(residuals: Residuals) -> list[NDArray[np.bool_]]:
    """Return the large parts in which fake and original differ as registered, which compression hides in the
    query."""
    parts = registration.connected(residuals.known >= DIFFERS)
    cells, share = LARGE
    least = max(cells, share * sum(int(part.sum()) for part in parts))
    return [part for part in parts if part.sum() >= least]


def _spots(residuals: Residuals, odds: float) -> list[NDArray[np.bool_]]:
    """Return the parts of `SPOT` connected cells or more that are each nearer to the other of the two."""
    products, energies = (values.sum(axis=0) for values in residuals.filtered)
    contrary = (residuals.size >= DIFFERS) & ((products > energies / 2) == (odds > 0))
    return [part for part in registration.connected(contrary) if part.sum() >= SPOT]


def _says_contrary(
    residuals: Residuals, odds: float, parts: Sequence[NDArray[np.bool_]], least: float = CONTRARY
) -> bool:
    """Tell whether one of the parts by itself says the contrary of the whole, with `least` log-odds."""
    products, energies = residuals.filtered
    for part in parts:
        inside = energies * part
        of_part = _odds(placing.value(products * part, inside), inside)
        if of_part * odds < 0 and abs(of_part) >= least:
            return True
    return False


def _fits(residuals: Residuals, value: float) -> bool:
    """Tell whether the query is one of the two where they differ: its residual there is like elsewhere.

    Or most of it is the fake, whatever hides the rest. Most of an original proves nothing: its mouth may be
    moved.
    """
    differ = residuals.differing
    elsewhere = ~differ & residuals.within
    if differ.sum() < FEWEST:  # a spot that differs clearly, or moments that agree, may decide all the same
        values = _by_moment(*residuals.filtered)
        spot = int((residuals.size >= DIFFERS).sum()) >= SPOT
        return spot or (len(values) >= SOME and abs(_past(values)) >= CONSISTENT)
    left = np.abs(residuals.left - (value > 0.5) * residuals.apart) / residuals.noise
    left = np.minimum(left, placing.MOST)
    here, there = (float(np.sqrt((left[cells] ** 2).mean())) for cells in (differ, elsewhere))
    return here < FITS * max(there, 0.1) or (value <= 0.5 and float(np.quantile(left[differ], MOSTLY)) < 1)
