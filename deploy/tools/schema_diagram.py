"""The diagrams of the database schema: tables and references of each room, from `schema/*.sql`.

The tables stand in three columns, so that most references lead to the left. Each reference within the room is
a line, from its column to the table. A reference to a table of another room names it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy.tools.architecture import STYLE

ROOT: Final = Path(__file__).resolve().parents[2]
COLUMNS: Final = 3
WIDTH: Final = 250
GAP: Final = 60
LINE: Final = 17
HEAD: Final = 30
"""Width of a table, space between columns of tables, height of a column's name, and of a table's name."""
_TABLE: Final = re.compile(r"^CREATE TABLE (\w+) \((.*?)^\)", re.MULTILINE | re.DOTALL)
_REFERENCE: Final = re.compile(
    r"^\s+(?:FOREIGN KEY \((?P<keys>[\w, ]+)\)|(?P<key>\w+) )[^,\n]*?REFERENCES (?P<table>\w+)", re.MULTILINE
)


@dataclass(frozen=True)
class Table:
    """A table: its room, and its references as pairs of a column and a table."""

    name: str
    room: str
    references: tuple[tuple[str, str], ...]

    @property
    def height(self) -> int:
        return HEAD + LINE * len(self.references) + 6


def tables() -> dict[str, Table]:
    """All tables by name, from the schema's files. A room is a file or a folder of `schema`."""
    found = {}
    for path in sorted((ROOT / "schema").rglob("*.sql")):
        room = path.relative_to(ROOT / "schema").parts[0].removesuffix(".sql")
        if room == "migrations":
            continue
        for name, body in _TABLE.findall(path.read_text(encoding="utf-8")):
            references = tuple(
                (each["key"] or each["keys"], each["table"]) for each in _REFERENCE.finditer(body)
            )
            found[name] = Table(name, room, references)
    return found


def columns(room: str, all_tables: Mapping[str, Table]) -> list[list[Table]]:
    """The tables of a room in columns of similar height, those that others refer to first."""
    own = {name: table for name, table in all_tables.items() if table.room == room}
    order: dict[str, Table] = {}

    def place(name: str, above: tuple[str, ...] = ()) -> None:
        if name in own and name not in order and name not in above:
            for _, target in own[name].references:
                place(target, (*above, name))
            order[name] = own[name]

    for name in sorted(own):
        place(name)
    whole, taken = sum(table.height for table in own.values()), 0
    found: list[list[Table]] = [[] for _ in range(COLUMNS)]
    for table in order.values():
        found[min(COLUMNS - 1, taken * COLUMNS // whole)].append(table)
        taken += table.height
    return [column for column in found if column]


def draw(room: str, all_tables: Mapping[str, Table]) -> str:
    """The diagram of a room as SVG."""
    chosen = columns(room, all_tables)
    places: dict[str, tuple[int, int]] = {}
    boxes: list[str] = []
    for number, column in enumerate(chosen):
        y = 10
        for table in column:
            places[table.name] = (30 + number * (WIDTH + GAP), y)
            y += table.height + 16
    for column in chosen:
        for table in column:
            boxes += _box(table, *places[table.name], places.keys())
    lines = [
        _line(places[table.name], places[to], row)
        for column in chosen
        for table in column
        for row, (_, to) in enumerate(table.references)
        if to in places
    ]
    height = 10 + max(sum(table.height + 16 for table in column) for column in chosen)
    width = 10 + len(chosen) * (WIDTH + GAP)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" role="img" '
        f'aria-label="Tables of {room} and what they refer to">\n<style>\n{STYLE}\n'
        ".line { fill: none; stroke: #0969da; stroke-opacity: .7 }\n</style>\n"
    )
    return "".join([head, *boxes, *lines, "</svg>\n"])


def _box(table: Table, x: int, y: int, inside: Collection[str]) -> list[str]:
    rows = [key if to in inside else f"{key} → {to}" for key, to in table.references]
    return [
        f'<rect class="room" x="{x}" y="{y}" width="{WIDTH}" height="{table.height}" rx="5"/>\n',
        f'<text class="name" x="{x + 10}" y="{y + 20}">{html.escape(table.name)}</text>\n',
        *(
            f'<text class="parts" x="{x + 10}" y="{y + HEAD + LINE * row + 12}">{html.escape(text)}</text>\n'
            for row, text in enumerate(rows)
        ),
    ]


def _line(table: tuple[int, int], to: tuple[int, int], row: int) -> str:
    """From a column's name to the table it refers to: to the right edge of a table further left, else to the
    left edge."""
    start_x, start_y, end_y = table[0], table[1] + HEAD + LINE * row + 8, to[1] + 15
    end_x = to[0] + WIDTH if to[0] < table[0] else to[0]
    middle = (start_x + end_x) // 2 if to[0] < table[0] else min(start_x, end_x) - GAP // 3
    curve = f"M{start_x},{start_y} C{middle},{start_y} {middle},{end_y} {end_x},{end_y}"
    return f'<path class="line" d="{curve}"/>\n'


def diagrams() -> dict[str, str]:
    """All diagrams, by room."""
    found = tables()
    return {room: draw(room, found) for room in sorted({table.room for table in found.values()})}
