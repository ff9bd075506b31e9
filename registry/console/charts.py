"""Bar charts and column charts that a template draws as SVG. Pure.

All lengths are in percent of the chart's width, so that text keeps its size on any screen. `mirrored` is for
right-to-left languages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Part:
    """A segment of a bar. `x`, `width`: percent; `of`: what it counts."""

    of: str
    value: float
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar with its segments. `name` None: the total, or items without a name. `total` None: unknown."""

    name: str | None
    total: float | None
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """A segment of a column. `y`, `height`: percent of the chart's height, from above."""

    of: str
    value: float
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Column:
    """A column with its segments, the first at the bottom. `x`, `width`: percent. `total` None: unknown."""

    name: Any
    total: float | None
    x: float
    width: float
    blocks: tuple[Block, ...]


GAP: Final = 0.25
"""Share of a column's room that stays empty."""
LEAST: Final = 1.5
"""Height of the smallest segment, in percent, so that it can be seen."""


def columns(
    groups: Sequence[Mapping[str, Any]], counted: Sequence[str], *, mirrored: bool = False
) -> list[Column]:
    """Return stacked columns of the values `counted`, one for each group; the highest fills the height.

    None is a value that was not measured: nothing is drawn.
    """
    room = 100 / max(len(groups), 1)
    most = max((_sum(group, counted) or 0 for group in groups), default=0) or 1
    drawn = []
    for place, group in enumerate(groups):
        blocks, top = [], 100.0
        for name in counted:
            if group[name]:
                height = max(100 * group[name] / most, LEAST)
                top = max(top - height, 0)
                blocks.append(Block(name, group[name], round(top, 3), round(height, 3)))
        x, width = room * (place + GAP / 2), room * (1 - GAP)
        side = round(_from_side(x, width, mirrored=mirrored), 3)
        drawn.append(Column(group["name"], _sum(group, counted), side, round(width, 3), tuple(blocks)))
    return drawn


def _sum(group: Mapping[str, Any], counted: Sequence[str]) -> float | None:
    values = [group[name] for name in counted if group[name] is not None]
    return sum(values) if values else None


def bars(groups: Sequence[Mapping[str, Any]], counted: Sequence[str], *, mirrored: bool = False) -> list[Bar]:
    """Return stacked bars of the values `counted`; the longest fills the width. Groups with a total of 0 are
    left out."""
    most = max((sum(group[name] for name in counted) for group in groups), default=0)
    drawn = []
    for group in groups:
        total = sum(group[name] for name in counted)
        if not total:
            continue
        parts, x = [], 0.0
        for name in counted:
            width = 100 * group[name] / most
            if width:
                parts.append(
                    Part(name, group[name], _from_side(x, width, mirrored=mirrored), round(width, 3))
                )
            x += width
        drawn.append(Bar(group["name"], total, tuple(parts)))
    return drawn


def lengths(groups: Sequence[Mapping[str, Any]], name: str, *, mirrored: bool = False) -> list[Bar]:
    """Return bars of one value; groups without that value are left out."""
    measured = [group for group in groups if group[name] is not None]
    most = max((group[name] for group in measured), default=0) or 1
    drawn = []
    for group in measured:
        width = max(100 * group[name] / most, 0.5)
        part = Part(name, group[name], _from_side(0, width, mirrored=mirrored), round(width, 3))
        drawn.append(Bar(group["name"], group[name], (part,)))
    return drawn


def gauge(share: float, *, mirrored: bool = False) -> Part:
    """Return a bar of a share (0-1) of the whole width."""
    width = round(100 * min(1.0, max(0.0, share)), 3)
    return Part("", share, _from_side(0, width, mirrored=mirrored), width)


def _from_side(x: float, width: float, *, mirrored: bool) -> float:
    return round(100 - x - width if mirrored else x, 3)
