"""Output of a run over several paths: a line or a block for each path, in order, and the exit status."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import click

from registry.core.errors import FakeprintError
from registry.core.errors.terminal import TimedOut
from registry.core.terminal import exit_status
from registry.core.terminal.files import Named
from registry.core.terminal.progress import Bars
from registry.core.terminal.text import json_line, printable


class Report:
    """`status` is the exit status so far: 3 takes precedence over 1, and 1 over 0."""

    def __init__(self, bars: Bars, *, as_json: bool) -> None:
        self.status = exit_status.DONE
        self.as_json = as_json
        self._bars = bars

    def answered(self, line: Mapping[str, Any], text: Iterable[str]) -> None:
        """Print `line` with --json, else the lines of `text`."""
        with self._bars.hidden():
            if self.as_json:
                print_json(line)
            else:
                for text_line in text:
                    click.echo(text_line)

    def failed(self, path: str, error: FakeprintError, **context: Any) -> None:
        """Report a path that was not answered; `context` adds fields to the JSON line."""
        self.status = max(
            self.status, exit_status.TIMED_OUT if isinstance(error, TimedOut) else exit_status.NOT_ANSWERED
        )
        with self._bars.hidden():
            if self.as_json:
                print_json({"path": path, **context, "error": error_fields(error)})
            else:
                exit_status.print_error(error.code, f"{printable(path)}: {error.message}", error.next_step)

    def noted(self, path: str, words: str) -> None:
        """Print a remark about an answered path on stderr."""
        with self._bars.hidden():
            click.echo(f"{printable(path)}: {words}", err=True)

    def all_failed(self, named: Sequence[Named], error: FakeprintError) -> None:
        """Report an error that affects every path: a line each with --json, else raise it once."""
        if not self.as_json:
            raise error
        for file in named:
            self.failed(file.path, file.error or error)


@contextmanager
def error_report(context: Mapping[str, Any], *, as_json: bool) -> Iterator[None]:
    """With --json, also print an error as an object on stdout, beside the message on stderr and the exit
    status. The message names the path in `context`."""
    try:
        yield
    except FakeprintError as error:
        if as_json:
            print_json({**context, "error": error_fields(error)})
        if "path" in context:
            error.message = f"{printable(str(context['path']))}: {error.message}"
        raise


def error_fields(error: FakeprintError) -> dict[str, str]:
    """Return an error as the object in a JSON line."""
    fields = {"code": error.code, "message": error.message}
    return {**fields, "next_step": error.next_step} if error.next_step else fields


def print_json(value: Mapping[str, Any]) -> None:
    """Print one object on one line of stdout."""
    ascii_only = (sys.stdout.encoding or "ascii").lower().replace("-", "") != "utf8"
    click.echo(json_line(value, ascii_only=ascii_only))
