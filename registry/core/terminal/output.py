"""Print answers: tables are aligned on a terminal, tab-separated lines elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import click

from registry.core.terminal.report import print_json
from registry.core.terminal.text import printable
from registry.core.terminal.times import local_time

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Rows:
    """How a list of an answer is printed: with --json an object a line, else as a table.

    `columns`: `head: field`, or the name of a field alone, separated by commas; `a.b` is the field `b` of
    `a`. Or a function that returns the line of a row. Fields named `*_at` are shown in local time, and lists
    with commas. `cells`: functions of the row for fields that need more. `empty`: what is printed for no
    rows, or a function of the answer. `pages`: fetch page after page, up to --limit. `cursor`: --json ends
    with a line {"next": CURSOR}.
    """

    name: str
    columns: str | Callable[[Row], str]
    empty: str | Callable[[Row], str | None]
    cells: Mapping[str, Callable[[Row], object]] = field(default_factory=dict)
    pages: bool = False
    cursor: bool = False
    more: str = "There are more: give a greater --limit."

    def print(self, answer: Row) -> None:
        """Print the table, or what stands for an empty one."""
        rows = answer[self.name]
        if not rows:
            text = self.empty if isinstance(self.empty, str) else self.empty(answer)
            if text is not None:
                click.echo(text)
        elif isinstance(self.columns, str):
            columns = [column.partition(":") for column in self.columns.split(", ")]
            fields = [(name or head).strip() for head, _, name in columns]
            table(
                [head for head, *_ in columns], ([self._cell(row, name) for name in fields] for row in rows)
            )
        else:
            for row in rows:
                click.echo(self.columns(row))
        if answer.get("next"):
            click.echo(self.more, err=True)

    def _cell(self, row: Row, name: str) -> object:
        if name in self.cells:
            return self.cells[name](row)
        value: Any = row
        for part in name.split("."):
            value = None if value is None else value[part]
        if name.endswith("_at"):
            return local_time(value)
        return ", ".join(value) if isinstance(value, list) else value


Shows = str | Rows | Callable[[Any], str | Iterable[str] | None]
"""How an answer is printed: a sentence with its fields in braces, a table, or a function of it that returns
the lines, or prints them."""


class _Printable(dict[str, Any]):
    """Fields of an answer for a sentence."""

    def __getitem__(self, name: str) -> Any:
        value = super().__getitem__(name)
        return printable(value) if isinstance(value, str) else value


def print_answer(answer: Row, shows: Shows, *, as_json: bool) -> None:
    """Print an answer."""
    if as_json:
        for row in answer[shows.name] if isinstance(shows, Rows) else [answer]:
            print_json(row)
        if isinstance(shows, Rows) and shows.cursor and answer["next"]:
            print_json({"next": answer["next"]})
    elif isinstance(shows, Rows):
        shows.print(answer)
    elif isinstance(shows, str):
        click.echo(shows.format_map(_Printable(answer)))
    else:
        lines = shows(answer)
        for line in [lines] if isinstance(lines, str) else lines or ():
            click.echo(line)


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table to stdout. Outside text is neither read as markup nor able to move the cursor."""
    cells = [[printable("" if cell is None else str(cell)) for cell in row] for row in rows]
    if not sys.stdout.isatty():
        for row in cells:
            click.echo("\t".join(row))
        return
    from rich.console import Console  # noqa: PLC0415 - rich takes 0.1 s to import, and pipes do not need it
    from rich.table import Table  # noqa: PLC0415 - as above
    from rich.text import Text  # noqa: PLC0415 - as above

    grid = Table(box=None, header_style="bold", pad_edge=False)
    for name in head:
        grid.add_column(name, no_wrap=name == "entry", overflow="fold")
    for row in cells:
        grid.add_row(*map(Text, row))
    Console(highlight=False).print(grid)
