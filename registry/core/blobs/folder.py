"""Object store in a folder. Files have no name until they are complete, so killed processes leave nothing."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final, cast

from registry.core.blobs.base import DAMAGED, Object, Pour, unavailable

ABANDONED: Final = 60.0
"""Seconds without a write after which an unlocked partial file is deleted."""
_INCOMING: Final = "incoming"
_NAMELESS_UNKNOWN: Final = frozenset({errno.EOPNOTSUPP, errno.EISDIR, errno.ENOENT, errno.EINVAL})


class FolderObjects:
    """Files named like their objects, in a folder that only its owner may enter."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, name: str, pour: Pour) -> None:
        target = self._folder / name
        with _reported():
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not self._write_nameless(target, pour):
                self._write_incoming(target, pour)
            _sync(target.parent)

    def _write_nameless(self, target: Path, pour: Pour) -> bool:
        """Write to an unnamed file and then link it (open(2), O_TMPFILE). Return False if the file system
        does not support that."""
        try:
            descriptor = os.open(target.parent, os.O_RDWR | os.O_TMPFILE | os.O_CLOEXEC, 0o600)
        except OSError as error:
            if error.errno in _NAMELESS_UNKNOWN:
                return False
            raise
        with os.fdopen(descriptor, "wb") as out:
            pour(cast("BinaryIO", out))
            _flush(out)
            with contextlib.suppress(FileExistsError):  # the same bytes were stored twice at once
                # Python follows the symbolic link (linkat(2)) only if a directory descriptor is given; its
                # value is not used.
                os.link(f"/proc/self/fd/{out.fileno()}", target, src_dir_fd=out.fileno())
        return True

    def _write_incoming(self, target: Path, pour: Pour) -> None:
        incoming = self._folder / _INCOMING
        incoming.mkdir(exist_ok=True, mode=0o700)
        descriptor, name = tempfile.mkstemp(dir=incoming)
        temporary = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as out:
                fcntl.flock(out, fcntl.LOCK_EX)
                pour(out)
                _flush(out)
                temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        with _reported():
            stream = (self._folder / name).open("rb")
        with stream:
            yield stream

    def local(self, name: str) -> Path | None:
        return self._folder / name

    def found(self, prefix: str) -> Iterator[Object]:
        shelf, _, start = prefix.rpartition("/")
        with _reported():
            shelves = [shelf] if shelf else sorted(self._shelves(start))
            for shelf_name in shelves:
                for name in sorted(_names(self._folder / shelf_name)):
                    if name.startswith(start if shelf else ""):
                        with contextlib.suppress(FileNotFoundError):
                            status = (self._folder / shelf_name / name).stat()
                            yield Object(f"{shelf_name}/{name}", status.st_size, status.st_mtime)

    def _shelves(self, start: str) -> list[str]:
        return [name for name in _names(self._folder) if len(name) == 2 and name.startswith(start)]

    def delete(self, name: str) -> None:
        with _reported():
            for path in (name, DAMAGED + name):
                (self._folder / path).unlink(missing_ok=True)

    def put_aside(self, name: str) -> None:
        target = self._folder / (DAMAGED + name)
        with _reported(), contextlib.suppress(FileNotFoundError):
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            (self._folder / name).replace(target)

    def discard_abandoned(self) -> int:
        discarded = 0
        for path in (self._folder / _INCOMING).glob("*"):
            with contextlib.suppress(OSError), path.open("rb") as partial:
                # A live writer holds the lock. A minute covers the moment before it takes the lock.
                if time.time() - path.stat().st_mtime > ABANDONED:
                    fcntl.flock(partial, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    path.unlink()
                    discarded += 1
        return discarded


def _names(folder: Path) -> list[str]:
    try:
        return [path.name for path in folder.iterdir()]
    except FileNotFoundError:
        return []


def _flush(out: BinaryIO | object) -> None:
    file = cast("BinaryIO", out)
    file.flush()
    os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """Flush a directory, so that new names survive a crash of the machine."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _reported() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        raise unavailable(
            error.strerror or type(error).__name__,
            next_step="Check the folder of FAKEPRINT_BLOBS_URL: its rights and its free space.",
        ) from error
