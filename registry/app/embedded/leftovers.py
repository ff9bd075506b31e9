"""Clean up after a killed server: processes that still run on its cluster, and a stale `postmaster.pid`.

The caller holds the data folder's lock, so no server of this cluster has a living owner.
"""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from registry.app.embedded import child

SOCKET_PREFIX: Final = "fakeprint-"
"""Prefix of socket folders in the temporary folder."""


def clear(cluster: Path, *, keep: Path | None = None, seconds: float = 20.0) -> None:
    """End the processes that run on `cluster`, then remove a `postmaster.pid` that names none of them.

    The death of their parent has already stopped them, so they get some seconds first. PostgreSQL refuses to
    start while the pid in that file belongs to any process of its user, which after a restart of a container
    may be an unrelated one. `keep`: a socket folder that is still in use.
    """
    for number, patience in (
        (0, 5.0),
        (signal.SIGINT, seconds),
        (signal.SIGQUIT, 5.0),
        (signal.SIGKILL, 5.0),
    ):
        for pid in running(cluster):
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, number)
        if child.wait_until(lambda: not any(running(cluster)), seconds=patience):
            _remove_pid_file(cluster / "postmaster.pid", keep)
            return


def running(cluster: Path) -> Iterator[int]:
    """Yield the pids of processes whose working folder is `cluster`: those of PostgreSQL."""
    target = cluster.resolve()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                if (entry / "cwd").readlink() == target:
                    yield int(entry.name)


def _remove_pid_file(note: Path, keep: Path | None) -> None:
    """Remove `postmaster.pid`, and the socket folder in its fifth line if that is a temporary one.

    In a permanent socket folder, remove the socket's lock, which names a dead process.
    """
    try:
        lines = note.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return
    sockets = Path(lines[4]) if len(lines) > 4 else Path()
    temporary = sockets.name.startswith(SOCKET_PREFIX) and sockets.parent == Path(tempfile.gettempdir())
    if temporary and sockets != keep:
        shutil.rmtree(sockets, ignore_errors=True)
    elif len(lines) > 4:
        for lock in sockets.glob(".s.PGSQL.*.lock"):
            lock.unlink(missing_ok=True)
    note.unlink(missing_ok=True)
