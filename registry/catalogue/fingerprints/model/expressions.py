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

MOUTH_SAME: Final = 0.5
"""Correlation from which mouths count as moving alike.

Measured on 13 re-sent clips of six seconds, one face sample a second, at four offsets: true for 43 of 52
copies and for none of 52 comparisons with the footage (.47 at most).
"""
MOUTH_OTHER: Final = 0.35
"""Correlation under which mouths count as moving differently, if the rest of the face reaches `REST_SURE`."""
REST_SURE: Final = 0.4
"""Correlation of the rest of the face from which the two moments must be the same."""
CONTRARY: Final = 0.15
"""Correlation of mouths under which they move differently whatever the rest does, since a still face may
speak.

Re-sent copies with lively mouths had .22 and more. Of 8 such mouths of the footage, six had less.
"""
LIVELY: Final = 0.05
"""Root mean square under which a mouth hardly moves, so that compression moves it as much.

Of 26 re-sent copies of swaps, seven had less, with correlations of .06 to .83. Of 19 others, one was under
.6.
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
    def same(self) -> bool:
        """Return whether the mouths clearly move alike."""
        return self.mouth >= MOUTH_SAME

    @property
    def other(self) -> bool:
        """Return whether the mouths clearly move differently."""
        moved = self.mouth < MOUTH_OTHER and self.rest >= REST_SURE and self.lively >= LIVELY
        return moved or self.contrary

    @property
    def contrary(self) -> bool:
        """Return whether the mouths differ so much that the rest of the face does not matter."""
        return self.mouth < CONTRARY and self.lively >= LIVELY


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
