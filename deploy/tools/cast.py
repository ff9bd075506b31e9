"""The animated picture of the demonstration: `python -m deploy.tools.cast` runs it and writes docs/demo.svg.

The picture is what `make demo` prints, line after line, in an SVG with CSS animations: no script, no font and
no picture from elsewhere. Whoever prefers reduced motion sees the last state.
"""

from __future__ import annotations

import html
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
PICTURE: Final = ROOT / "docs" / "demo.svg"
COLUMNS: Final = 80
LINE: Final = 19
"""Height of a line, in pixels."""
PAUSE: Final = 0.45
"""Seconds between two lines."""
STYLE: Final = """\
rect { fill: #0d1117 }
text { fill: #c9d1d9; font: 14px ui-monospace, Menlo, Consolas, monospace; white-space: pre }
.fake { fill: #ff7b72 } .true { fill: #7ee787 } .typed { fill: #79c0ff }
text { animation: appear .01s both } @keyframes appear { from { opacity: 0 } }
@media (prefers-reduced-motion: reduce) { text { animation: none } }
"""


def draw(lines: Sequence[str]) -> str:
    """Return the picture of a terminal in which the lines appear."""
    width, height = COLUMNS * 8 + 70, LINE * (len(lines) + 2)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="The demonstration in a terminal">\n<style>\n{STYLE}</style>\n'
        f'<rect width="{width}" height="{height}" rx="8"/>\n'
    )
    parts = [head]
    for number, line in enumerate(lines):
        place = f'x="18" y="{LINE * (number + 2) - 6}" style="animation-delay: {number * PAUSE:.2f}s"'
        parts.append(f"<text {_kind(line)}{place}>{html.escape(line)}</text>\n")
    return "".join([*parts, "</svg>\n"])


def _kind(line: str) -> str:
    if line.startswith("$"):
        return 'class="typed" '
    if "known_fake" in line:
        return 'class="fake" '
    return 'class="true" ' if "authentic_original" in line else ""


def demonstration() -> list[str]:
    """Return what the demonstration prints, without its introduction and its hints for later. Raises
    `CalledProcessError` if it fails."""
    done = subprocess.run(
        [sys.executable, "-m", "deploy.demo"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    lines = [line.rstrip()[:COLUMNS] for line in done.stdout.splitlines()]
    first = next(number for number, line in enumerate(lines) if line.startswith("  1."))
    last = next(number for number, line in enumerate(lines) if line.startswith("What to do next"))
    return ["$ make demo", "", *lines[first:last]]


if __name__ == "__main__":
    PICTURE.write_text(draw(demonstration()), encoding="utf-8")
    sys.stdout.write(f"Wrote {PICTURE.relative_to(ROOT)}.\n")
