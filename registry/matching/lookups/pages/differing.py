"""The map of a match: where the fake and its original differ, and whose each cell of the query is. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

Nearer = Literal["fake", "original", "neither"]

SIDE: Final = 24
LIKE_FAKE: Final = 0.35
LIKE_ORIGINAL: Final = 0.65
"""Values of a cell up to which it is like the fake's, and from which it is like the original's. Single cells
are rounded and compressed, so those between say nothing."""


@dataclass(frozen=True, slots=True)
class Square:
    """A cell as drawn, in per cent of the registered picture."""

    x: float
    y: float
    width: float
    height: float
    nearer: Nearer


@dataclass(frozen=True, slots=True)
class Map:
    """`squares`: the cells that differ. `share`: of the cells of the picture. `fake` and `original`: shares
    of the squares that are like either, 0-1."""

    squares: tuple[Square, ...]
    share: float
    fake: float
    original: float


def drawn(match: Mapping[str, Any]) -> Map | None:
    """Return the map of a match. None: the reader may not see signals, or no cells were recorded."""
    difference = (match["signals"] or {}).get("difference")
    if not difference or not difference.get("cells"):
        return None
    left, top, right, bottom = difference["place"]
    across, down = 100 * (right - left) / SIDE, 100 * (bottom - top) / SIDE
    squares = tuple(
        Square(
            round(100 * left + column * across, 2),
            round(100 * top + row * down, 2),
            round(across, 2),
            round(down, 2),
            _nearer(value),
        )
        for row, column, _, value in difference["cells"]
    )
    return Map(squares, len(squares) / SIDE**2, _share(squares, "fake"), _share(squares, "original"))


def _nearer(value: float) -> Nearer:
    if value <= LIKE_FAKE:
        return "fake"
    return "original" if value >= LIKE_ORIGINAL else "neither"


def _share(squares: Sequence[Square], nearer: Nearer) -> float:
    return sum(square.nearer == nearer for square in squares) / len(squares)
