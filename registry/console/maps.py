"""Maps of a picture: the cells in which a fake and its original differ, drawn over it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["fake", "original", "neither", "differs"]
"""Whose a cell of a query is; `differs`: there is no query."""
Place = Sequence[float]
"""Left, top, right and bottom of the mapped part, in shares of the picture."""

SIDE: Final = 24
LIKE_FAKE: Final = 0.35
LIKE_ORIGINAL: Final = 0.65
"""Values of a cell up to which it is like the fake's, and from which it is like the original's. Single cells
are rounded and compressed, so those between say nothing."""


@dataclass(frozen=True, slots=True)
class Square:
    """A cell as drawn, in per cent of the picture."""

    x: float
    y: float
    width: float
    height: float
    kind: Kind


@dataclass(frozen=True, slots=True)
class Map:
    """`squares`: the cells that differ. `share`: of all cells, 0-1."""

    squares: tuple[Square, ...]

    @property
    def share(self) -> float:
        return len(self.squares) / SIDE**2

    def of(self, kind: Kind) -> float:
        """Return the share of the squares that are of a kind, 0-1."""
        return sum(square.kind == kind for square in self.squares) / max(len(self.squares), 1)


def drawn(cells: Iterable[tuple[int, int, Kind]], place: Place = (0.0, 0.0, 1.0, 1.0)) -> Map | None:
    """Return the map of cells: row, column and kind of each. None without cells."""
    left, top, right, bottom = place
    across, down = 100 * (right - left) / SIDE, 100 * (bottom - top) / SIDE
    squares = tuple(
        Square(
            round(100 * left + column * across, 2),
            round(100 * top + row * down, 2),
            round(across, 2),
            round(down, 2),
            kind,
        )
        for row, column, kind in cells
    )
    return Map(squares) if squares else None


def kind_of(value: float) -> Kind:
    """Return whose a cell is, by its value: 0 the fake's, 1 the original's."""
    if value <= LIKE_FAKE:
        return "fake"
    return "original" if value >= LIKE_ORIGINAL else "neither"
