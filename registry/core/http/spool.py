"""Temporary storage of an upload while the rest of its request arrives: one unnamed file.

An unnamed file vanishes with the request, whether it is answered, aborted or its process killed. It is in
TMPDIR if set, else in /var/tmp (on disk, while /tmp is often memory).
"""

from __future__ import annotations

import io
import os
from collections.abc import Buffer, Sequence
from typing import BinaryIO, Final, cast, override

from registry.core.blobs import nameless
from registry.core.errors.http import SpoolUnavailable
from registry.core.http.upload_space import UploadPlace

READ_BYTES: Final = 1 << 20


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
