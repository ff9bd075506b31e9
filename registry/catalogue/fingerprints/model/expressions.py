"""Compare the mouth movements of two aligned stretches, for faces of the same person. Pure.

An expression is 27 numbers of the mouth and 27 of the part with eyes and brows (see
`workers.faces.expression`). Over the moments that both sides show, each side's mean is subtracted. The
remaining movement is correlated. A copy moves as the fake does, however compressed. The footage from which a
lip-sync was made has other mouth movements, but the same movements around the mouth.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

ROWS: Final = 5
COLUMNS: Final = 6
PART: Final = 27
"""Numbers of one part: vertical by horizontal frequencies, row by row, without the mean and the last two."""
BYTES: Final = 2 * PART
SCALE: Final = 127

Expressions = NDArray[np.float32]
"""(k, 54): the numbers of the mouth, then of the upper part. Rows of zeros if an expression is unknown."""

MOMENTS: Final = 4
"""Fewest moments needed to compare movement."""
FLIP: Final = np.tile(
    np.array([(-1.0) ** column for _ in range(ROWS) for column in range(COLUMNS)][1 : PART + 1], np.float32),
    2,
)
"""Effect of mirroring: odd horizontal frequencies change their sign."""

EVEN: Final = 0.33
"""Correlation of mouths that says nothing.

Measured on 13 re-sent clips of six seconds, one face sample a second, at four offsets: 43 of 52 copies had .5
and more, the footage of lip-syncs .47 at most. Of 8 lively mouths of the footage, six had less than .15.
"""
ODDS: Final = 36.0
"""Log-odds for each 1 of correlation beyond EVEN, if very many moments are compared."""
TOO_FEW: Final = 3
"""Moments whose mean and chance explain any correlation."""
STILL: Final = (0.04, 0.07)
"""Root mean square up to which a mouth hardly moves, so that compression moves it as much, and from which it
does.

Of 26 re-sent copies of swaps, seven had less than .05, with correlations of .06 to .83. Of 19 others, one was
under .6.
"""
LOUD: Final = 0.15
"""Root mean square from which a query's mouth moves, whatever the asset's does. Compression moves a still
mouth: in 26 copies of a swap whose mouth has .04, it had up to .113."""
TURNED: Final = 0.3
"""Correlation of eyes and brows by which the other orientation must be better to be believed."""


@dataclass(frozen=True, slots=True)
class Movement:
    """Correlation of two faces' movement, -1 to 1: of the `mouth` and of the `rest`, over `moments` moments.

    `lively`: root mean square of the mouth's numbers in the asset, 0 to 1, or in the query if it is `LOUD`.
    """

    mouth: float
    rest: float
    moments: int
    lively: float = 1.0

    @property
    def odds(self) -> float:
        """Log-odds that the mouths say the same, in one face.

        More moments count more. A mouth that moves otherwise counts more if the rest of the face moves alike,
        since the moments are then the same, and nothing if it hardly moves.
        """
        weight = ODDS * (self.moments - TOO_FEW) / (self.moments + 1)
        if self.mouth >= EVEN:
            return weight * (self.mouth - EVEN)
        low, high = STILL
        moves = min(max((self.lively - low) / (high - low), 0.0), 1.0)
        return weight * moves * (0.5 + max(self.rest, 0.0)) * (self.mouth - EVEN)


def of_bytes(values: list[bytes]) -> Expressions:
    """Return the expressions of faces in their order. Empty bytes stand for an unknown expression."""
    raw = b"".join(value if len(value) == BYTES else bytes(BYTES) for value in values)
    return np.frombuffer(raw, dtype=np.int8).reshape(len(values), BYTES).astype(np.float32) / np.float32(
        SCALE
    )


def unknown(count: int) -> Expressions:
    """Return unknown expressions for `count` faces. Uses no memory, whatever `count` is."""
    return np.broadcast_to(np.float32(0), (count, BYTES))


def moved(query: Expressions, asset: Expressions, *, mirrored: bool = False) -> Movement | None:
    """Compare the movement of two faces, given (k, 54) expressions of each at the same moments.

    `mirrored`: what the pictures say. Crops and captions can hide it from them, so the eyes and brows are
    believed where they clearly say otherwise. Returns None if fewer than `MOMENTS` are known on both sides.
    """
    comparable = query.any(axis=1) & asset.any(axis=1)
    if comparable.sum() < MOMENTS:
        return None
    left, right = query[comparable], asset[comparable]
    plain, flipped = (_correlation((left * turn)[:, _REST], right[:, _REST]) for turn in (1.0, FLIP))
    turned = flipped - plain > (-TURNED if mirrored else TURNED)
    mouth = _correlation((left * FLIP if turned else left)[:, _MOUTH], right[:, _MOUTH])
    lively = _size(right[:, _MOUTH])
    noisy = _size(left[:, _MOUTH])
    lively = max(lively, noisy) if noisy >= LOUD else lively
    return Movement(mouth, flipped if turned else plain, int(comparable.sum()), lively)


def _correlation(left: Expressions, right: Expressions) -> float:
    left, right = left - left.mean(axis=0), right - right.mean(axis=0)
    lengths = float(np.linalg.norm(left) * np.linalg.norm(right))
    return float((left * right).sum()) / lengths if lengths > 1e-6 else 0.0


def _size(some: Expressions) -> float:
    return float(np.sqrt(np.mean((some - some.mean(axis=0)) ** 2)))


_MOUTH: Final = slice(0, PART)
_REST: Final = slice(PART, BYTES)
