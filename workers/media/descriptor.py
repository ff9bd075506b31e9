"""Open a file by its path, or by a descriptor that this process holds.

A process behind walls has its file open and cannot open it again. Its path is `/proc/self/fd/N` or
`/dev/fd/N`. Several readers of it have a position each.
"""

from __future__ import annotations

import io
import os
import re
from pathlib import Path
from typing import BinaryIO, Final, cast, override

_HELD: Final = re.compile(r"/(?:proc/self|dev)/fd/([0-9]+)\Z")


def held(path: Path) -> int | None:
    """Return the descriptor that a path names; None if it names a file."""
    found = _HELD.match(str(path))
    return int(found[1]) if found else None


def path_of(descriptor: int) -> Path:
    """Return the path that names a descriptor."""
    return Path(f"/dev/fd/{descriptor}")


def opened(path: Path) -> BinaryIO:
    """Return the file, unbuffered, at its start. Raises `OSError`."""
    descriptor = held(path)
    if descriptor is None:
        return cast("BinaryIO", path.open("rb", buffering=0))
    return cast("BinaryIO", _Reader(os.dup(descriptor)))


def status(path: Path) -> os.stat_result:
    """Return the file's status. Raises `OSError`."""
    descriptor = held(path)
    return path.stat() if descriptor is None else os.fstat(descriptor)


class _Reader(io.RawIOBase):
    """Reads a descriptor at a position of its own."""

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self._descriptor = descriptor
        self._position = 0

    @override
    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]
        count = os.preadv(self._descriptor, [buffer], self._position)
        self._position += count
        return count

    @override
    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        origin = {os.SEEK_SET: 0, os.SEEK_CUR: self._position}.get(whence)
        if origin is None:
            origin = os.fstat(self._descriptor).st_size
        if origin + offset < 0:
            raise OSError("a position before the file's start")
        self._position = origin + offset
        return self._position

    @override
    def tell(self) -> int:
        return self._position

    @override
    def fileno(self) -> int:
        return self._descriptor

    @override
    def readable(self) -> bool:
        return True

    @override
    def seekable(self) -> bool:
        return True

    @override
    def close(self) -> None:
        if not self.closed:
            os.close(self._descriptor)
        super().close()
