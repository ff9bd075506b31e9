"""What a killed server left behind: processes that still run on its cluster, and a stale `postmaster.pid`.

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
"""How a socket folder in the temporary folder begins."""


def clear(cluster: Path, *, keep: Path | None = None, seconds: float = 20.0) -> None:
    """End the processes that run on `cluster`, then remove a `postmaster.pid` that names none of them.

    They have been told to end by their parent's death, so they get some seconds first. PostgreSQL itself
    refuses to start while the number in that file belongs to any process of its user, which after a
    restart of a container may be an unrelated one. `keep` is a socket folder still in use.
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
            _forget(cluster / "postmaster.pid", keep)
            return


def running(cluster: Path) -> Iterator[int]:
    """Ids of the processes whose working folder is `cluster`, which is how PostgreSQL's all run."""
    target = cluster.resolve()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                if (entry / "cwd").readlink() == target:
                    yield int(entry.name)


def _forget(note: Path, keep: Path | None) -> None:
    """Remove `postmaster.pid`, and the socket folder that its fifth line names if that is a temporary one.

    In one that stays the socket's lock goes: it names a process that is dead, if perhaps not yet buried.
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
