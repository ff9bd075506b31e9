"""The growth curve as an SVG: what a lookup costs while the registry grows. Readable by day and by night."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

WIDTH: Final = 720
HEIGHT: Final = 400
LEFT, RIGHT, TOP, BOTTOM = 64, 210, 48, 56
STEPS: Final = (1, 2, 5)
STYLE: Final = """
text { font: 12px sans-serif; fill: #222 } .title { font-size: 15px; font-weight: bold }
.paper { fill: #fff } .grid { stroke: #ddd } polyline { fill: none; stroke-width: 2.5 }
.l0 { stroke: #c8553d } .d0 { fill: #c8553d } .l1 { stroke: #0b6e99 } .d1 { fill: #0b6e99 }
.l2 { stroke: #4a7d2f } .d2 { fill: #4a7d2f } .l3 { stroke: #7a5ea8 } .d3 { fill: #7a5ea8 }
.l4 { stroke: #777; stroke-dasharray: 6 4 } .d4 { fill: #777 }
@media (prefers-color-scheme: dark) {
text { fill: #ddd } .paper { fill: #14171a } .grid { stroke: #3a3f45 }
.l0 { stroke: #ff8d73 } .d0 { fill: #ff8d73 } .l1 { stroke: #5cc0ec } .d1 { fill: #5cc0ec }
.l2 { stroke: #97cf74 } .d2 { fill: #97cf74 } .l3 { stroke: #bda4ea } .d3 { fill: #bda4ea }
.l4 { stroke: #aaa } .d4 { fill: #aaa } }
"""
SERIES: Final = 4

Points = Sequence[tuple[int, float]]


def draw(
    path: Path, title: str, series: Mapping[str, Points], peer: tuple[str, int, float] | None = None
) -> None:
    """Draw milliseconds over frames, axes logarithmic; each series, four at most, is named at its end.

    `peer`: a name, so many hashes and milliseconds, the one point that is known of it; a dashed line goes on
    from there, to compare with.
    """
    frames = sorted({x for points in series.values() for x, _ in points})
    low, high = math.log10(frames[0]), math.log10(frames[-1])
    values = [y for points in series.values() for _, y in points] + ([peer[2]] if peer else [])
    ticks = _ticks(min(values), max(values))
    least, most = math.log10(ticks[0]), math.log10(ticks[-1])

    def x(value: float) -> float:
        share = (math.log10(value) - low) / (high - low) if high > low else 0.5
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def y(value: float) -> float:
        share = (math.log10(value) - least) / (most - least)
        return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)

    lines: list[tuple[str, Points]] = list(series.items())[:SERIES]
    places = {name: number for number, (name, _) in enumerate(lines)}
    if peer:
        lines.append((peer[0], [(max(peer[1], frames[0]), peer[2]), (frames[-1], peer[2])]))
        places[peer[0]] = SERIES
    parts = [_text(LEFT, 24, title, kind="title")]
    for value in ticks:
        parts.append(_line(LEFT, y(value), WIDTH - RIGHT, y(value)))
        parts.append(_text(LEFT - 8, y(value) + 4, f"{value:g}", anchor="end"))
    parts += [_text(x(value), HEIGHT - BOTTOM + 20, _count(value), anchor="middle") for value in frames]
    parts.append(_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, "frames in the registry", anchor="middle"))
    parts.append(_text(LEFT - 8, TOP - 10, "ms", anchor="end"))
    ends = _apart([y(points[-1][1]) for _, points in lines])
    for (name, points), end in zip(lines, ends, strict=True):
        place = places[name]
        path_of = " ".join(f"{x(one):.1f},{y(value):.1f}" for one, value in points)
        parts.append(f'<polyline points="{path_of}" class="l{place}"/>')
        dots = points[:1] if place == SERIES else points
        parts += [
            f'<circle cx="{x(one):.1f}" cy="{y(value):.1f}" r="3.5" class="d{place}"/>' for one, value in dots
        ]
        parts.append(_text(WIDTH - RIGHT + 12, end + 4, f"{name} {points[-1][1]:.3g}", kind=f"d{place}"))
    _write(path, title, parts)


def _write(path: Path, title: str, parts: Sequence[str]) -> None:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" role="img"'
    body = "\n".join(parts)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        f'{head} viewBox="0 0 {WIDTH} {HEIGHT}">\n<title>{escape(title)}</title>\n<style>{STYLE}</style>\n'
        f'<rect width="{WIDTH}" height="{HEIGHT}" class="paper"/>\n{body}\n</svg>\n',
        encoding="utf-8",
    )


def _ticks(least: float, most: float) -> list[float]:
    """Round numbers from one that is at most `least` to one that is at least `most`."""
    powers = range(math.floor(math.log10(least)), math.ceil(math.log10(most)) + 1)
    steps = [step * 10.0**power for power in powers for step in STEPS]
    first = max(place for place, step in enumerate(steps) if step <= least)
    last = min(place for place, step in enumerate(steps) if step >= most)
    return steps[first : max(last, first + 1) + 1]


def _apart(places: Sequence[float], least: float = 16) -> list[float]:
    """Heights of names, moved down where they would lie on each other."""
    found = list(places)
    before = -math.inf
    for index in sorted(range(len(found)), key=found.__getitem__):
        found[index] = before = max(found[index], before + least)
    return found


def _count(frames: int) -> str:
    return f"{frames / 1e6:.4g} M"


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="grid"/>'


def _text(x: float, y: float, text: str, *, anchor: str = "start", kind: str = "") -> str:
    named = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{named}>{escape(text)}</text>'
