"""The picture of the rooms: `python -m deploy.tools.architecture` writes docs/rooms.svg; see `--check`.

The order of the rooms is the `layers` contract of import-linter in pyproject.toml. What a room is for is the
first sentence of its docstring; its sub-rooms are its folders.
"""

from __future__ import annotations

import ast
import html
import re
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
PICTURE: Final = ROOT / "docs" / "rooms.svg"
LAYERS: Final = frozenset(
    {"api", "commands", "errors", "examples", "model", "pages", "schemas", "service", "store", "tasks"}
)
"""Folders inside a room that are a layer, not a sub-room."""
LONGEST: Final = 110
"""Characters of a purpose that fit into the picture."""
WIDTH: Final = 1020
ROW: Final = 46
RULE: Final = "A room imports only rooms below it"
STYLE: Final = """\
.card { fill: #ffffff; stroke: #d0d7de }
.room { fill: #f6f8fa; stroke: #8c959f }
.beside { fill: #ffffff; stroke: #8c959f; stroke-dasharray: 5 4 }
text { fill: #1f2328; font: 13px system-ui, sans-serif }
.name { font-weight: 700; font-size: 15px }
.parts { fill: #57606a; font-size: 12px }
.arrow { stroke: #57606a; stroke-width: 2; fill: none }
@media (prefers-color-scheme: dark) {
  .card, .beside { fill: #0d1117; stroke: #6e7681 }
  .room { fill: #161b22; stroke: #6e7681 }
  text { fill: #e6edf3 }
  .parts { fill: #9da7b3 }
  .arrow { stroke: #9da7b3 }
}"""


@dataclass(frozen=True)
class Room:
    """A folder of subjects: its name, the first sentence of its docstring, its sub-rooms."""

    name: str
    purpose: str
    parts: tuple[str, ...]


def rooms() -> tuple[str, ...]:
    """The names of the rooms, from the ground up: a room imports only rooms before it."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    (order,) = (contract["layers"] for contract in contracts if contract["type"] == "layers")
    return tuple(reversed(order))


def read(folder: Path) -> Room:
    """Raises ValueError if the folder has no docstring, or its first sentence does not fit."""
    text = ast.get_docstring(ast.parse((folder / "__init__.py").read_text("utf-8"))) or ""
    purpose = re.split(r"(?<=\.)\s", " ".join(text.split()), maxsplit=1)[0].rstrip(".")
    if not 0 < len(purpose) <= LONGEST:
        raise ValueError(
            f"{folder.name}: the first sentence of its docstring must have 1 to {LONGEST} characters"
        )
    parts = sorted(
        path.parent.name for path in folder.glob("*/__init__.py") if path.parent.name not in LAYERS
    )
    return Room(folder.name, purpose, tuple(parts))


def draw() -> str:
    """The picture as SVG: the last room on top, the workers beside all of them."""
    order = [read(ROOT / "registry" / name) for name in reversed(rooms())]
    height = ROW * (len(order) + 1) + 76
    boxes = [_box(room, 62 + ROW * (at + 1), "room") for at, room in enumerate(order)]
    workers = _box(read(ROOT / "workers"), 20, "beside")
    first, last = 66 + ROW, 50 + ROW * (len(order) + 1)
    described = _text(";\n".join(f"{room.name}: {room.purpose}" for room in order))
    box, label = f"0 0 {WIDTH} {height}", "title desc"
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" role="img" aria-labelledby="{label}">
<title id="title">The rooms of Fakeprint</title>
<desc id="desc">{len(order)} rooms of registry/, one above the other. {RULE}.
The workers are apart: they import the registry, never the reverse. From top to bottom:
{described}.</desc>
<style>
{STYLE}
</style>
<rect class="card" x="1" y="1" width="{WIDTH - 2}" height="{height - 2}" rx="10"/>
<path class="arrow" d="M26 {first}V{last}M19 {last - 9}L26 {last}L33 {last - 9}"/>
{workers}<text x="48" y="{52 + ROW}"><tspan class="name">registry/</tspan> {RULE}.</text>
{"".join(boxes)}</svg>
"""


def _box(room: Room, top: int, kind: str) -> str:
    parts = " · ".join(room.parts)
    lines = (
        f'<text class="name" x="62" y="{top + 25}">{room.name}</text>',
        f'<text x="190" y="{top + (17 if parts else 25)}">{_text(room.purpose)}</text>',
        f'<text class="parts" x="190" y="{top + 34}">{parts}</text>' if parts else "",
    )
    box = f'<rect class="{kind}" x="48" y="{top}" width="{WIDTH - 64}" height="{ROW - 6}" rx="5"/>'
    return "\n".join(line for line in (box, *lines) if line) + "\n"


def _text(words: str) -> str:
    return html.escape(words.replace("`", ""))


def main() -> None:
    """Write the picture, or with --check exit 1 if it is out of date."""
    drawn = draw()
    if sys.argv[1:] != ["--check"]:
        PICTURE.write_text(drawn, "utf-8")
    elif not PICTURE.exists() or PICTURE.read_text("utf-8") != drawn:
        sys.exit("docs/rooms.svg is out of date: run `make architecture` and commit it")


if __name__ == "__main__":
    main()
