"""An SVG of recall against false accusation, by kind of footage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tests.bench.accuracy.drawn.figures import accused, copies, decided
from tests.bench.accuracy.drawn.footage import KINDS
from tests.bench.accuracy.drawn.measuring import WITHOUT, Result

WIDTH, HEIGHT = 720, 420
LEFT, TOP, RIGHT, BOTTOM = 60, 24, 260, 52
COLOURS: Final = ("#1b6ca8", "#c2571a", "#2c7a4b", "#7a3fa0", "#6b6b6b")
WIDEST: Final = 0.1
"""Largest share of false accusations shown."""
Points = list[tuple[float, float]]


def points(results: Sequence[Result], kind: str | None) -> Points:
    """Return (share of originals accused, share of copies decided) for every bar on the confidence.

    The originals are those of all kinds: one kind has too few."""
    mine = [item for item in copies(results) if kind is None or item.kind == kind]
    genuine = [
        item
        for item in results
        if item.copy and item.copy.genuine and item.originals == WITHOUT and not (item.still or item.faceless)
    ]
    if not mine or not genuine:
        return []
    sure = [_confidence(item) for item in mine if decided(item)]
    wrong = [_confidence(item) for item in genuine if accused(item)]
    bars = sorted({*sure, *wrong, 1.01}, reverse=True)
    return [
        (sum(c >= bar for c in wrong) / len(genuine), sum(c >= bar for c in sure) / len(mine)) for bar in bars
    ]


def _confidence(item: Result) -> float:
    return max(
        (claim.confidence or 0 for claim in item.outcome.claims if claim.verdict == "known_fake"), default=0
    )


def drawn(results: Sequence[Result], title: str) -> str:
    """Return the picture as SVG text: a step line for each kind of footage, and one for all."""
    rows = [(kind, points(results, kind)) for kind in KINDS] + [("all", points(results, None))]
    shape = f'viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12" role="img"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {shape}><title>{title}</title>',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        *_axes(),
    ]
    shown = [(kind, line) for kind, line in rows if line]
    for number, (kind, line) in enumerate(shown):
        colour = "#000" if kind == "all" else COLOURS[number % len(COLOURS)]
        steps = " ".join(f"{_x(x):.1f},{_y(y):.1f}" for x, y in _steps(line))
        weight = 2.5 if kind == "all" else 1.5
        parts.append(f'<polyline points="{steps}" fill="none" stroke="{colour}" stroke-width="{weight}"/>')
        y = TOP + 14 + 20 * number
        parts.append(f'<rect x="{WIDTH - RIGHT + 16}" y="{y - 9}" width="12" height="12" fill="{colour}"/>')
        label = f"{kind}: {line[-1][1]:.2f}"
        parts.append(f'<text x="{WIDTH - RIGHT + 34}" y="{y + 1}">{label}</text>')
    return "\n".join([*parts, "</svg>", ""])


def _steps(line: Points) -> Points:
    """Return the line with corners, from no accusation to the widest one shown."""
    corners = [(0.0, 0.0)]
    for x, y in line:
        corners += [(min(x, WIDEST), corners[-1][1]), (min(x, WIDEST), y)]
    return [*corners, (WIDEST, corners[-1][1])]


def _axes() -> list[str]:
    parts = []
    for tick in range(6):
        share = tick / 5
        parts.append(
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{_y(share)}" y2="{_y(share)}" stroke="#ddd"/>'
            f'<text x="{LEFT - 8}" y="{_y(share) + 4}" text-anchor="end">{share:.1f}</text>'
        )
        x = _x(share * WIDEST)
        parts.append(
            f'<text x="{x}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{share * WIDEST:.2f}</text>'
        )
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(
        f'<text x="{middle}" y="{HEIGHT - 12}" text-anchor="middle">share of originals accused</text>'
    )
    parts.append(
        f'<text x="16" y="{(TOP + HEIGHT - BOTTOM) / 2}" text-anchor="middle" '
        f'transform="rotate(-90 16 {(TOP + HEIGHT - BOTTOM) / 2})">share of copies decided</text>'
    )
    return parts


def _x(share: float) -> float:
    return LEFT + (WIDTH - RIGHT - LEFT) * share / WIDEST


def _y(share: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * share
