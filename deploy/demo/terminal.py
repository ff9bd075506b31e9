"""What the demonstration prints: at most 80 columns; colour and moving progress on a terminal only."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

WIDTH: Final = 80
STYLES: Final = {
    "known_fake": "bold red",
    "authentic_original": "bold green",
    "no_match": "bold cyan",
    "related": "bold yellow",
    "undecidable": "bold yellow",
    "WRONG": "bold white on red",
}

Advance = Callable[[str], None]
"""Called before each part of a step, with what it does."""


class Terminal:
    """Standard output. Rich sees whether it is a terminal, and respects NO_COLOR and TERM=dumb."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(soft_wrap=True, highlight=False, markup=False)

    def say(self, line: str = "", *, style: str = "") -> None:
        """Print a line at once, verdicts in their colours."""
        text = Text(line, style=style)
        for word, colour in STYLES.items():
            text.highlight_words([word], colour)
        self.console.print(text)

    @contextmanager
    def step(self, doing: str, parts: int | None = None) -> Iterator[Advance]:
        """Show that `doing` goes on, of `parts` parts where they are known; then how long it took.

        Nothing but the last line is printed where standard output is no terminal.
        """
        began = time.perf_counter()
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description:<46}"),
            BarColumn(bar_width=20),
            TimeElapsedColumn(),
        )
        shown = self.console.is_terminal and not self.console.is_dumb_terminal
        with Progress(*columns, console=self.console, transient=True, disable=not shown) as progress:
            task = progress.add_task(doing[:46], total=parts)
            begun = False

            def advance(step: str) -> None:
                nonlocal begun
                progress.update(task, description=step[:46], advance=1 if begun else 0)
                begun = True

            yield advance
        self.say(f"  {doing:<66}{time.perf_counter() - began:>6.1f} s")
