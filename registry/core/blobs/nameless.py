"""Files without a name: gone with the process that made them, however it ends."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import BinaryIO, Final, cast

IN_MEMORY: Final = 256 << 20
"""Bytes up to which a medium is held in memory while it is read, and on no disk."""
_DISK: Final = Path("/var/tmp")  # noqa: S108 - files there get no name


def folder() -> str | None:
    """The folder that nameless files are made in: TMPDIR where that is set, else /var/tmp (which is on a
    disk, where /tmp is often memory); None: the system's choice."""
    if "TMPDIR" not in os.environ and os.access(_DISK, os.W_OK | os.X_OK):
        return str(_DISK)
    return None


def file(size: int = IN_MEMORY + 1) -> BinaryIO:
    """An empty one for `size` bytes, in memory where these are few; closing it lets it go."""
    if size <= IN_MEMORY:
        return os.fdopen(os.memfd_create("blob", os.MFD_CLOEXEC), "w+b")
    return cast("BinaryIO", tempfile.TemporaryFile(dir=folder()))


def path(held: BinaryIO) -> Path:
    """By which this process, and no other, opens it."""
    return Path(f"/proc/self/fd/{held.fileno()}")
