"""Keep the tests' temporary files in memory if there is room.

On a disk, a third of all CPU time goes into the search for free inodes. Databases of a thousand files are
created and deleted by the hundred, and ext4 does not reuse a recently freed inode.
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
"""Bytes that must be free. The whole suite has been measured to use three gigabytes."""


def use_memory() -> Path | None:
    """Keep temporary files in memory from now on, also for child processes.

    Return the folder, which the caller removes at the end. None: TMPDIR is set, or memory is short.
    """
    if "TMPDIR" in os.environ or not MEMORY.is_dir():
        return None
    _remove_orphans()
    if min(shutil.disk_usage(MEMORY).free, psutil.virtual_memory().available) < ROOM:
        return None
    folder = MEMORY / f"fp-{os.getpid()}"
    folder.mkdir()
    folder.chmod(0o711)  # other users, such as PostgreSQL's, must pass through
    os.environ["TMPDIR"] = str(folder)
    tempfile.tempdir = None
    return folder


def _remove_orphans() -> None:
    """Remove folders of test runs that were killed."""
    for folder in MEMORY.glob("fp-*"):
        number = folder.name.removeprefix("fp-")
        if number.isdigit() and not psutil.pid_exists(int(number)):
            shutil.rmtree(folder, ignore_errors=True)
