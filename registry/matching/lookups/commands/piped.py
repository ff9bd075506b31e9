"""Standard input as a temporary file."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Final

import click

from registry.core.errors import EmptyFile, FakeprintError, TooLarge
from registry.core.errors.terminal import Unwritable
from registry.core.terminal.deadline import Deadline
from registry.core.terminal.files import STDIN, Named

MOST: Final = 2 * 1024**3
"""Most bytes read: the default of a service's largest upload."""
CHUNK: Final = 1 << 20


@contextmanager
def spooled(named: Sequence[Named], deadline: Deadline, most: int = MOST) -> Iterator[list[Named]]:
    """Copy standard input to a temporary file if `-` is among the paths, and yield the paths with it.

    The file is removed on leaving. Raises `click.UsageError` if `-` is given twice or is a terminal.
    """
    piped = sum(file_name.path == STDIN for file_name in named)
    if not piped:
        yield list(named)
        return
    if piped > 1:
        raise click.UsageError("`-` is standard input, which can be read once.")
    if sys.stdin.isatty():
        raise click.UsageError("`-` reads a file from standard input: curl -L URL | fakeprint lookup -")
    with tempfile.NamedTemporaryFile(prefix="fakeprint-") as file:
        try:
            _copy(file, deadline, most)
            standard_input = Named(STDIN, spool=file.name)
        except FakeprintError as error:
            standard_input = Named(STDIN, error)
        yield [standard_input if file_name.path == STDIN else file_name for file_name in named]


def _copy(file: IO[bytes], deadline: Deadline, most: int) -> None:
    """Copy standard input to a file. Raises `BadMedia` (`empty_file`), `TooLarge`, `BadInput` (`unwritable`),
    `TimedOut`."""
    size = 0
    while chunk := sys.stdin.buffer.read(CHUNK):
        deadline.check("Standard input did not end")
        size += len(chunk)
        if size > most:
            raise TooLarge(
                f"Standard input holds more than {most >> 20:,} MiB.",
                next_step="Save it as a file and give its path.",
            )
        try:
            file.write(chunk)
            file.flush()
        except OSError as error:
            raise Unwritable(
                f"Standard input cannot be kept in {tempfile.gettempdir()}: {error.strerror}.",
                next_step="Make room there, or set TMPDIR to another folder.",
            ) from None
    if not size:
        raise EmptyFile
