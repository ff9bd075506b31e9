"""Progress bars on stderr, if stderr is a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

from registry.core.terminal.text import printable

if TYPE_CHECKING:
    from rich.progress import Progress

Advance = Callable[[float, str], None]
"""Called with the share done (0-1) and the current activity, such as "uploading"."""

_LONGEST = 40


class Bars:
    """The progress bars of one run. Use it as a context manager; print within `hidden`."""

    def __init__(self) -> None:
        self._progress: Progress | None = None

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            self._progress = _progress()
            self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._progress is not None:
            self._progress.stop()

    @contextmanager
    def task(self, path: str) -> Iterator[Advance]:
        """Show a bar for one file during the block."""
        progress = self._progress
        if progress is None:
            yield _nothing
            return
        bar = progress.add_task(_short(path), total=1.0, doing="")
        try:
            yield lambda share, doing: progress.update(bar, completed=share, doing=doing)
        finally:
            progress.remove_task(bar)

    @contextmanager
    def hidden(self) -> Iterator[None]:
        """Hide the bars during the block, so that lines can be printed."""
        if self._progress is None:
            yield
            return
        self._progress.stop()
        try:
            yield
        finally:
            self._progress.start()


def _nothing(_share: float, _doing: str) -> None:
    return


def _short(path: str) -> str:
    name = printable(path)
    return name if len(name) <= _LONGEST else f"…{name[1 - _LONGEST :]}"


def _progress() -> Progress:
    from rich.console import Console  # noqa: PLC0415 - rich takes 0.1 s to import, and most runs draw nothing
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn  # noqa: PLC0415 - as above

    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[doing]}", markup=False),
        console=Console(stderr=True),
        transient=True,
        # Results go to stdout, which may be a file; rich would redirect them to the terminal.
        redirect_stdout=False,
        redirect_stderr=False,
    )
