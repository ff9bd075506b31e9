"""Unnamed files: they vanish when the process ends, however it ends."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import BinaryIO, Final, cast

IN_MEMORY: Final = 256 << 20
"""Files up to this many bytes are held in memory, not on disk."""
_DISK: Final = Path("/var/tmp")  # noqa: S108 - files there have no name


def folder() -> str | None:
    """Return the folder for unnamed files: TMPDIR if set, else /var/tmp (on disk, while /tmp is often
    memory). None: the system's default."""
    if "TMPDIR" not in os.environ and os.access(_DISK, os.W_OK | os.X_OK):
        return str(_DISK)
    return None


def file(size: int = IN_MEMORY + 1) -> BinaryIO:
    """Return an empty unnamed file for `size` bytes, in memory if small. Closing deletes it."""
    if size <= IN_MEMORY:
        return os.fdopen(os.memfd_create("blob", os.MFD_CLOEXEC), "w+b")
    return cast("BinaryIO", tempfile.TemporaryFile(dir=folder()))


def path(file: BinaryIO) -> Path:
    """Return a path by which only this process can open the file."""
    return Path(f"/proc/self/fd/{file.fileno()}")
