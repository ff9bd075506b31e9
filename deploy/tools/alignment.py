"""The picture of an alignment: `python -m deploy.tools.alignment` writes docs/explanation/alignment.svg.

The clips are drawn from a seed, with the registry's own types. A query of 24 s shows seconds 10 to 20 of a
registered file at 1.25 times its speed, and later its seconds 2 to 6. The dots are the pairs of similar
moments that `similarity` finds, the lines are the spans that `align` finds.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import numpy as np

from deploy.tools.architecture import STYLE
from registry.catalogue.fingerprints.model import timeline
from registry.catalogue.fingerprints.model.fingerprint import FULL, Frame
from registry.matching.alignment.model.align import align
from registry.matching.alignment.model.similarity import similarity

ROOT: Final = Path(__file__).resolve().parents[2]
PICTURE: Final = ROOT / "docs" / "explanation" / "alignment.svg"
SEED: Final = 30
QUERY: Final = 24.0
ASSET: Final = 22.0
"""Seconds of the query and of the registered file."""
SCALE: Final = 22
LEFT: Final = 60
TOP: Final = 20
ALIKE: Final = (3.0, 9.0, 14.0)
"""Seconds of the registered file at which it shows a title card."""
CARD: Final = (1.0, 11.5, 22.0)
"""Seconds of the query at which it shows the same one."""


def moments() -> tuple[list[Frame], list[Frame]]:
    """The frames of query and file, two a second, with noise as of an edited copy."""
    numbers = np.random.default_rng(SEED)
    pictures = numbers.standard_normal((int(QUERY * 2), 512))
    card, base = numbers.standard_normal(512), numbers.standard_normal((int(ASSET * 2) + 1, 512))
    query = np.array([pictures[index] for index in range(int(QUERY * 2))])
    for index in range(len(query)):
        shown = shows(index / 2)
        if shown is not None:
            at, part = int(shown * 2), shown * 2 % 1
            query[index] = (1 - part) * base[at] + part * base[at + 1]
    for index in (int(second * 2) for second in ALIKE):
        base[index] = card
    for index in (int(second * 2) for second in CARD):
        query[index] = card
    query += 0.45 * numbers.standard_normal(query.shape)
    return [_frame(index, row) for index, row in enumerate(query)], [
        _frame(index, row) for index, row in enumerate(base[:-1])
    ]


def shows(second: float) -> float | None:
    """The second of the file that the query shows, if any."""
    if 3 <= second < 11:
        return 10 + (second - 3) * 1.25
    return 2 + (second - 15) if 15 <= second < 19 else None


def _frame(index: int, vector: np.ndarray) -> Frame:
    packed = (vector / np.linalg.norm(vector)).astype("<f2").tobytes()
    return Frame(time=index / 2, duration=0.5, view=FULL, quality=100, sscd=packed)


def draw() -> str:
    """The picture as SVG."""
    query, asset = (timeline.of_frames(frames) for frames in moments())
    pairs = similarity(query, asset, query_duration=QUERY, asset_duration=ASSET)
    found = align(query, asset, query_duration=QUERY, asset_duration=ASSET)
    dots = (
        (_x(pairs.query.starts[row]), _y(pairs.asset.starts[column]))
        for row, column in zip(pairs.rows, pairs.columns, strict=True)
    )
    parts = [f'<circle class="dot" cx="{x}" cy="{y}" r="4"/>\n' for x, y in dots]
    for (start, end), (first, last) in ((item.span.query, item.span.asset) for item in found):
        place = f'x1="{_x(start)}" y1="{_y(first)}" x2="{_x(end)}" y2="{_y(last)}"'
        says = f"{start:.1f}–{end:.1f} s shows {first:.1f}–{last:.1f} s"
        parts.append(f'<line class="found" {place}/>\n')
        parts.append(f'<text x="{_x(start) - 6}" y="{_y(last) - 8}">{says}</text>\n')
    return "".join([_axes(), *parts, "</svg>\n"])


def _axes() -> str:
    width, height = LEFT + QUERY * SCALE + 20, TOP + ASSET * SCALE + 45
    right, bottom = _x(QUERY), _y(0)
    meaning = "Similar moments of a query and a registered file, and the two lines among them"
    along = range(0, int(QUERY) + 1, 4)
    seconds = [(_x(second), bottom + 16, "middle", second) for second in along]
    seconds += [(LEFT - 6, _y(second) + 4, "end", second) for second in along if second <= ASSET]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" role="img" '
        f'width="{width:.0f}" aria-label="{meaning}">\n<style>\n{STYLE}\n.dot {{ fill: #8c959f }} '
        ".found { stroke: #cf222e; stroke-width: 3 }\n.axis { stroke: #8c959f; fill: none }\n</style>\n"
        f'<rect class="card" width="{width:.0f}" height="{height:.0f}" rx="6"/>\n'
        f'<path class="axis" d="M{LEFT},{TOP} V{bottom} H{right}"/>\n'
        f'<text class="parts" x="{right}" y="{bottom + 36}" text-anchor="end">second of the query</text>\n'
        f'<text class="parts" x="16" y="{TOP}" transform="rotate(-90 16 {TOP})" text-anchor="end">'
        "second of the registered file</text>\n"
    ) + "".join(
        f'<text class="parts" x="{x}" y="{y}" text-anchor="{side}">{second}</text>\n'
        for x, y, side, second in seconds
    )


def _x(second: float) -> float:
    return round(LEFT + second * SCALE, 1)


def _y(second: float) -> float:
    return round(TOP + (ASSET - second) * SCALE, 1)


if __name__ == "__main__":
    PICTURE.write_text(draw(), encoding="utf-8")
    sys.stdout.write(f"Wrote {PICTURE.relative_to(ROOT)}.\n")
