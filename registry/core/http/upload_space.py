"""Files of open uploads, and limits of the disk that they take: of one caller, of one organization, of the
process.

An upload is open from its first byte until its file is stored or refused. Slow clients keep it open for long.
Its bytes lie in one unnamed file, in TMPDIR if set, else in /var/tmp (on disk, while /tmp is often memory).
The file vanishes with the request, whether it is answered, aborted or its process killed.
"""

from __future__ import annotations

import io
import os
import tempfile
from collections import Counter
from collections.abc import Buffer, Iterator, Sequence
from contextlib import contextmanager
from threading import Lock
from typing import BinaryIO, Final, Self, cast, override

from registry.core.blobs import nameless
from registry.core.errors import TooMany
from registry.core.errors.http import Busy, SpoolUnavailable

OF_CALLER: Final = 512 << 20
"""Bytes of the open uploads of a caller ..."""
OF_ORGANIZATION: Final = 1 << 30
"""... of an organization ..."""
ALL: Final = 4 << 30
"""... and of one API process. A single upload may be larger than a share if its owner has no other."""
RETRY: Final = 5
"""Seconds after which a refused client may try again."""


READ_BYTES: Final = 1 << 20


class UploadSpace:
    """Counts the bytes of open uploads. Thread-safe."""

    def __init__(
        self, *, of_caller: int = OF_CALLER, of_organization: int = OF_ORGANIZATION, total: int = ALL
    ) -> None:
        self._shares = (of_caller, of_organization)
        self._total = total
        self._held: Counter[str] = Counter()
        self._sum = 0
        self._lock = Lock()

    @property
    def held(self) -> int:
        """Return the bytes of all open uploads."""
        return self._sum

    def open(self, *owners: str) -> UploadPlace:
        """Return the place of one upload. `owners`: the caller, then its organization if there is one."""
        return UploadPlace(self, owners)

    def take(self, owners: Sequence[str], held: int, more: int) -> None:
        """Count `more` bytes of an upload that has `held`. Raises `TooMany` beyond a share, `Unavailable`
        (`busy`) beyond the total. Nothing is counted then."""
        with self._lock:
            for owner, share in zip(owners, self._shares, strict=False):
                others = self._held[owner] - held
                if others and others + held + more > share:
                    raise TooMany("Too many bytes are being uploaded here at once.", retry_after=RETRY)
            if self._sum - held and self._sum + more > self._total:
                raise Busy("Too many bytes are being uploaded by all callers.")
            self._held.update(dict.fromkeys(owners, more))
            self._sum += more

    def give_back(self, owners: Sequence[str], size: int) -> None:
        """Stop counting `size` bytes of an upload."""
        with self._lock:
            self._held.subtract(dict.fromkeys(owners, size))
            self._held += Counter()  # drop owners without uploads
            self._sum -= size


class UploadPlace:
    """The bytes that one upload takes; `size` in bytes."""

    def __init__(self, space: UploadSpace, owners: Sequence[str]) -> None:
        self._space = space
        self._owners = tuple(dict.fromkeys(owners))
        self.size = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.give_back()

    def hold(self, size: int) -> None:
        """Raise the place to `size` bytes. Raises like `UploadSpace.take`."""
        if size > self.size:
            self._space.take(self._owners, self.size, size - self.size)
            self.size = size

    def give_back(self) -> None:
        """Return all bytes. Does nothing the second time."""
        size, self.size = self.size, 0
        self._space.give_back(self._owners, size)


class _HeldFile(io.BufferedRandom):
    """An unnamed file whose bytes are counted as they are written."""

    def __init__(self, place: UploadPlace) -> None:
        super().__init__(tempfile.TemporaryFile(dir=nameless.folder(), buffering=0))  # noqa: SIM115
        self._place = place
        self._written = 0

    @override
    def write(self, data: Buffer, /) -> int:
        self._written += memoryview(data).nbytes
        self._place.hold(self._written)
        return super().write(data)


@contextmanager
def held_file(place: UploadPlace) -> Iterator[BinaryIO]:
    """Yield an unnamed file for an upload. It is deleted at the end, or when it is closed."""
    with place, _HeldFile(place) as file:
        yield cast("BinaryIO", file)


class Spool:
    """Bytes written once and read in ranges. The file is created at the first write. `place`: where its bytes
    are counted until it is closed."""

    def __init__(self, place: UploadPlace | None = None) -> None:
        self._file: BinaryIO | None = None
        self._place = place

    def append(self, pieces: Sequence[bytes]) -> None:
        """Append the pieces. Raises `Unavailable` (code `spool_unavailable`)."""
        try:
            if self._file is None:
                self._file = nameless.file()
            self._file.writelines(pieces)
            self._file.flush()
        except OSError as error:
            raise SpoolUnavailable(
                f"The upload cannot be kept: {error.strerror}.",
                next_step="Check the rights and the free space of TMPDIR or /var/tmp.",
            ) from error

    def open(self, start: int, size: int) -> BinaryIO:
        """Open a range as its own stream. All streams share one file descriptor."""
        if self._file is None:
            return io.BytesIO()
        return cast("BinaryIO", io.BufferedReader(_Stretch(self._file.fileno(), start, size), READ_BYTES))

    def close(self) -> None:
        """Delete the bytes."""
        if self._file is not None:
            self._file.close()
        if self._place is not None:
            self._place.give_back()


class _Stretch(io.RawIOBase):
    def __init__(self, descriptor: int, start: int, size: int) -> None:
        self._descriptor = descriptor
        self._start = self._at = start
        self._end = start + size

    @override
    def seekable(self) -> bool:
        return True

    @override
    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        begin = {os.SEEK_SET: self._start, os.SEEK_CUR: self._at, os.SEEK_END: self._end}[whence]
        self._at = min(max(begin + offset, self._start), self._end)
        return self._at - self._start

    @override
    def readable(self) -> bool:
        return True

    @override
    def readinto(self, buffer: Buffer, /) -> int:
        view = memoryview(buffer)
        size = min(len(view), self._end - self._at)
        data = os.pread(self._descriptor, size, self._at) if size > 0 else b""
        view[: len(data)] = data
        self._at += len(data)
        return len(data)
