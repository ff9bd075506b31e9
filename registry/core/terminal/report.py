"""What a run over several paths prints: a line or a block for each, in order, and the status it ends with."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import click

from registry.core.errors import FakeprintError
from registry.core.terminal import ending
from registry.core.terminal.deadline import TimedOut
from registry.core.terminal.files import Named
from registry.core.terminal.progress import Bars
from registry.core.terminal.text import json_line, printable


class Report:
    """`status` is what the run must exit with so far: 3 outweighs 1 outweighs 0."""

    def __init__(self, bars: Bars, *, as_json: bool) -> None:
        self.status = ending.DONE
        self.as_json = as_json
        self._bars = bars

    def answered(self, line: Mapping[str, Any], text: Iterable[str]) -> None:
        """`line` with --json, else the lines of `text`."""
        with self._bars.hidden():
            if self.as_json:
                print_json(line)
            else:
                for item in text:
                    click.echo(item)

    def failed(self, path: str, error: FakeprintError, **known: Any) -> None:
        """A path that was not answered; `known` is what the line says beside the error."""
        self.status = max(
            self.status, ending.TIMED_OUT if isinstance(error, TimedOut) else ending.NOT_ANSWERED
        )
        with self._bars.hidden():
            if self.as_json:
                print_json({"path": path, **known, "error": said(error)})
            else:
                ending.print_error(error.code, f"{printable(path)}: {error.message}", error.next_step)

    def noted(self, path: str, words: str) -> None:
        """What whoever runs it should know of a path that was answered, on stderr."""
        with self._bars.hidden():
            click.echo(f"{printable(path)}: {words}", err=True)

    def all_failed(self, named: Sequence[Named], error: FakeprintError) -> None:
        """What keeps every path from being answered: a line each with --json, else raised once."""
        if not self.as_json:
            raise error
        for item in named:
            self.failed(item.path, item.error or error)


@contextmanager
def told(known: Mapping[str, Any], *, as_json: bool) -> Iterator[None]:
    """With --json an error is an object on stdout too, beside the words on stderr and the exit status; the
    words name the path that is `known`."""
    try:
        yield
    except FakeprintError as error:
        if as_json:
            print_json({**known, "error": said(error)})
        if "path" in known:
            error.message = f"{printable(str(known['path']))}: {error.message}"
        raise


def said(error: FakeprintError) -> dict[str, str]:
    """An error as it stands in a line of JSON."""
    found = {"code": error.code, "message": error.message}
    return {**found, "next_step": error.next_step} if error.next_step else found


def print_json(value: Mapping[str, Any]) -> None:
    """One object on one line of stdout, at once."""
    ascii_only = (sys.stdout.encoding or "ascii").lower().replace("-", "") != "utf8"
    click.echo(json_line(value, ascii_only=ascii_only))
