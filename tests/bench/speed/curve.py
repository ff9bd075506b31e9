"""The growth curve as an SVG: what a lookup costs while the registry grows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

WIDTH: Final = 720
HEIGHT: Final = 380
LEFT, RIGHT, TOP, BOTTOM = 64, 190, 48, 52
COLOURS: Final = ("#0b6e99", "#c8553d", "#5b8e3e", "#7a5ea8", "#8a8a8a")
STEPS: Final = (1, 2, 5, 10)
LINES: Final = 5

Points = Sequence[tuple[int, float]]


def draw(path: Path, title: str, series: Mapping[str, Points]) -> None:
    """Draw milliseconds over frames, the frames on a logarithmic axis; each series is named at its end."""
    frames = sorted({x for points in series.values() for x, _ in points})
    most = _top(max(y for points in series.values() for _, y in points))
    low, high = math.log10(frames[0]), math.log10(frames[-1])

    def x(value: float) -> float:
        share = (math.log10(value) - low) / (high - low) if high > low else 0.5
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - value / most * (HEIGHT - TOP - BOTTOM)

    parts = [_text(LEFT, 24, title, size=15, bold=True)]
    for line in range(LINES + 1):
        value = most * line / LINES
        parts.append(_line(LEFT, y(value), WIDTH - RIGHT, y(value), "#dddddd"))
        parts.append(_text(LEFT - 8, y(value) + 4, f"{value:g}", anchor="end"))
    parts += [_text(x(value), HEIGHT - BOTTOM + 20, _count(value), anchor="middle") for value in frames]
    parts.append(_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, "stored frames", anchor="middle"))
    parts.append(_text(LEFT - 8, TOP - 10, "ms", anchor="end"))
    ends = _apart([y(points[-1][1]) for points in series.values()])
    for colour, (name, points), end in zip(COLOURS, series.items(), ends, strict=False):
        path_of = " ".join(f"{x(one):.1f},{y(value):.1f}" for one, value in points)
        parts.append(f'<polyline points="{path_of}" fill="none" stroke="{colour}" stroke-width="2.5"/>')
        parts += [
            f'<circle cx="{x(one):.1f}" cy="{y(value):.1f}" r="3.5" fill="{colour}"/>'
            for one, value in points
        ]
        parts.append(_text(WIDTH - RIGHT + 12, end + 4, f"{name} {points[-1][1]:.3g}", colour=colour))
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" role="img"'
    body = "\n".join(parts)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        f'{head} viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif">\n<title>{escape(title)}</title>\n'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>\n{body}\n</svg>\n',
        encoding="utf-8",
    )


def _top(most: float) -> float:
    """The next round number."""
    power = 10 ** math.floor(math.log10(most))
    return float(next(step * power for step in STEPS if step * power >= most))


def _apart(places: Sequence[float], least: float = 16) -> list[float]:
    """Heights of names, moved down where they would lie on each other."""
    found = list(places)
    before = -math.inf
    for index in sorted(range(len(found)), key=found.__getitem__):
        found[index] = before = max(found[index], before + least)
    return found


def _count(frames: int) -> str:
    return f"{frames / 1e6:g} M"


def _line(x1: float, y1: float, x2: float, y2: float, colour: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"/>'


def _text(
    x: float,
    y: float,
    text: str,
    *,
    anchor: str = "start",
    size: int = 12,
    bold: bool = False,
    colour: str = "#222222",
) -> str:
    weight = ' font-weight="bold"' if bold else ""
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}"'
    return f'<text {place}{weight} fill="{colour}">{escape(text)}</text>'
