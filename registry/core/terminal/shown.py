"""Tables: aligned on a terminal, tab-separated lines elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import click

from registry.core.terminal.text import printable

Row = Mapping[str, Any]


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

    shown = Table(box=None, header_style="bold", pad_edge=False)
    for name in head:
        shown.add_column(name, no_wrap=name == "entry", overflow="fold")
    for row in cells:
        shown.add_row(*map(Text, row))
    Console(highlight=False).print(shown)
