"""Where the tests keep their files: in memory where there is room.

On a disk a third of all their CPU goes into looking for free inodes, as ext4 gives none again that was freed
a moment ago, and databases of a thousand files come and go by the hundred.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

import psutil

MEMORY: Final = Path("/dev/shm")
ROOM: Final = 8 << 30
"""Bytes that must be free: the whole suite has been seen to use three gigabytes."""


def use_memory() -> Path | None:
    """Make temporary files in memory from now on, in children too. The folder, which is to be removed at the
    end; None where TMPDIR says where they are to be, or memory is short."""
    if "TMPDIR" in os.environ or not MEMORY.is_dir():
        return None
    _remove_orphans()
    if min(shutil.disk_usage(MEMORY).free, psutil.virtual_memory().available) < ROOM:
        return None
    folder = MEMORY / f"fp-{os.getpid()}"
    folder.mkdir()
    folder.chmod(0o711)  # PostgreSQL passes through it as another user
    os.environ["TMPDIR"] = str(folder)
    tempfile.tempdir = None
    return folder


def _remove_orphans() -> None:
    """What runs left that were killed."""
    for folder in MEMORY.glob("fp-*"):
        number = folder.name.removeprefix("fp-")
        if number.isdigit() and not psutil.pid_exists(int(number)):
            shutil.rmtree(folder, ignore_errors=True)
