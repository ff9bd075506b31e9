"""Do two aligned stretches show the same mouth movements? For faces that are one person's either way. Pure.

A face's expression at a moment is 27 numbers of its mouth and 27 of the part with eyes and brows (see
`workers.faces.expression`). Over the moments that both sides show, what a part always looks like is taken
away from each side, and what remains, the movement, is correlated. A copy moves as the fake does, however
compressed; the footage that a lip-sync was made from moves otherwise where the mouth is, and alike around it.
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
"""(k, 54) the mouth's, then the upper part's; rows of zeros where an expression is not known."""

MOMENTS: Final = 4
"""Fewest moments that say anything about movement."""
FLIP: Final = np.tile(
    np.array([(-1.0) ** column for _ in range(ROWS) for column in range(COLUMNS)][1 : PART + 1], np.float32),
    2,
)
"""What mirroring does: odd horizontal frequencies change their sign."""

MOUTH_SAME: Final = 0.5
"""Correlation from which mouths move alike. 13 clips of six seconds, re-sent, a face sample a second, at four
offsets: 43 of 52 copies, and none of 52 times the footage (.47 at most)."""
MOUTH_OTHER: Final = 0.35
"""And under which they do not ..."""
REST_SURE: Final = 0.4
"""... where the rest of the face moves so much alike that the moments must be the same."""
CONTRARY: Final = 0.15
"""... or where the mouth does so little that the rest need not say it: a still face may speak. Re-sent copies
whose mouths are lively had .22 and more; of 8 such mouths of the footage six had less."""
LIVELY: Final = 0.05
"""Root mean square under which a mouth hardly moves, so that compression moves it as much. Of 26 re-sent
copies of swaps seven had less, with correlations of .06 to .83; of 19 others one was under .6."""


@dataclass(frozen=True, slots=True)
class Movement:
    """How alike two faces move, -1 to 1: the `mouth` and the `rest` of the face, over so many `moments`.
    `lively`: how far the mouth moves where it moves more, the root mean square of its numbers, 0 to 1."""

    mouth: float
    rest: float
    moments: int
    lively: float = 1.0

    @property
    def same(self) -> bool:
        """Whether the mouths surely move alike."""
        return self.mouth >= MOUTH_SAME

    @property
    def other(self) -> bool:
        """Whether the mouths surely do not."""
        moved = self.mouth < MOUTH_OTHER and self.rest >= REST_SURE and self.lively >= LIVELY
        return moved or self.contrary

    @property
    def contrary(self) -> bool:
        """Whether they do not by far, whatever the rest of the face does."""
        return self.mouth < CONTRARY and self.lively >= LIVELY


def of_bytes(values: list[bytes]) -> Expressions:
    """The expressions of faces in their order; empty bytes where one is not known."""
    raw = b"".join(value if len(value) == BYTES else bytes(BYTES) for value in values)
    return np.frombuffer(raw, dtype=np.int8).reshape(len(values), BYTES).astype(np.float32) / np.float32(
        SCALE
    )


def unknown(count: int) -> Expressions:
    """The expressions of faces of which none is known; no memory whatever `count` is."""
    return np.broadcast_to(np.float32(0), (count, BYTES))


def moved(query: Expressions, asset: Expressions, *, mirrored: bool = False) -> Movement | None:
    """How alike two faces move: (k, 54) expressions of each at the same moments. None where too few are known
    on both sides."""
    known = query.any(axis=1) & asset.any(axis=1)
    if known.sum() < MOMENTS:
        return None
    left, right = query[known] * (FLIP if mirrored else 1.0), asset[known]
    mouth, rest = (_correlation(left[:, part], right[:, part]) for part in (_MOUTH, _REST))
    lively = max(_size(left[:, _MOUTH]), _size(right[:, _MOUTH]))
    return Movement(mouth, rest, int(known.sum()), lively)


def _correlation(left: Expressions, right: Expressions) -> float:
    left, right = left - left.mean(axis=0), right - right.mean(axis=0)
    lengths = float(np.linalg.norm(left) * np.linalg.norm(right))
    return float((left * right).sum()) / lengths if lengths > 1e-6 else 0.0


def _size(some: Expressions) -> float:
    return float(np.sqrt(np.mean((some - some.mean(axis=0)) ** 2)))


_MOUTH: Final = slice(0, PART)
_REST: Final = slice(PART, BYTES)
