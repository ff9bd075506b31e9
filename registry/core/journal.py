"""An append-only journal on disk, for records that wait while the database is away.

The journal is a folder of segments, files named `*.spool`. Each line is the CRC-32 of a record (8 hex
digits), a space, and the record (JSON without a newline). Each process appends to its own segment and locks
it with `flock`. Any process may hand over an unlocked segment, so segments of killed processes are not lost.
A segment is deleted after all its records were accepted. The consumer must tolerate receiving a record twice.
"""

from __future__ import annotations

import fcntl
import logging
import os
import secrets
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Final

from registry.core.errors.http import SpoolFull, SpoolUnavailable

LOGGER = logging.getLogger(__name__)

SUFFIX: Final = ".spool"
REFUSED: Final = ".refused"
"""Suffix of files with records that the consumer refused. They lie beside the segments for an operator to
inspect."""
BATCH: Final = 200
"""Most records handed over in one call."""

Accept = Callable[[Sequence[bytes]], Sequence[bytes]]
"""Stores the given records durably and returns those that it refuses. Raises if it can store none now."""


class _Segment:
    """A journal file that this process appends to."""

    def __init__(self, folder: Path) -> None:
        name = f"{time.time_ns():020d}-{secrets.token_hex(4)}"
        fresh = folder / f".{name}"
        self.fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_NOFOLLOW, 0o600)
        self.size = 0
        self.synced = 0
        self.syncing = threading.Lock()
        # Lock before the rename, so that no process takes it for an abandoned segment.
        fcntl.flock(self.fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fresh.rename(folder / (name + SUFFIX))
        _sync_folder(folder)

    def write(self, data: bytes) -> int:
        """Append `data` and return the new size. On failure the file is unchanged. Raises `OSError`."""
        unwritten = memoryview(data)
        try:
            while unwritten:
                unwritten = unwritten[os.write(self.fd, unwritten) :]
        except OSError:
            os.ftruncate(self.fd, self.size)
            raise
        self.size += len(data)
        return self.size

    def sync(self, end: int) -> None:
        """Flush at least the first `end` bytes to disk. Threads that wait share one `fdatasync`."""
        with self.syncing:
            if self.synced < end:
                size = self.size
                os.fdatasync(self.fd)
                self.synced = size

    def close(self) -> None:
        self.sync(self.size)
        with self.syncing:
            os.close(self.fd)


class Journal:
    """The segments in `folder` (created with mode 0700 when first needed), at most `limit` bytes in total."""

    def __init__(self, folder: Path, limit: int) -> None:
        self.folder = folder
        self._limit = limit
        self._lock = threading.Lock()
        self._segment: _Segment | None = None

    def append(self, records: Sequence[bytes]) -> None:
        """Append the records durably: after this call they survive a kill and a power cut.

        Raises `Unavailable`: `spool_full` if the limit would be exceeded, `spool_unavailable` if the disk
        refuses the write.
        """
        data = b"".join(b"%08x %s\n" % (zlib.crc32(record), record) for record in records)
        try:
            with self._lock:
                if self.waiting() + len(data) > self._limit:
                    raise SpoolFull("The database is away, and there is no room left for records of lookups.")
                segment = self._segment or self._open()
                self._segment = segment
                end = segment.write(data)
            segment.sync(end)
        except OSError as error:
            raise SpoolUnavailable(
                f"The record of a lookup cannot be kept: {error.strerror}.",
                next_step=f"Check the rights and the free space of {self.folder}.",
            ) from error

    def waiting(self) -> int:
        """Bytes that wait, over all processes."""
        return sum(size for _, size in self._segments())

    def release(self) -> None:
        """Close this process's segment so that it can be handed over. Later records go to a new segment."""
        with self._lock:
            if self._segment is not None:
                self._segment.close()
                self._segment = None

    def hand_over(self, accept: Accept) -> int:
        """Pass all waiting records to `accept`, oldest segment first, and return how many were accepted.
        Segments of other running processes are skipped. Raises what `accept` raises; the segment that was not
        fully accepted then stays."""
        self.release()
        return sum(self._hand_over(path, accept) for path, _ in sorted(self._segments()))

    def _hand_over(self, path: Path, accept: Accept) -> int:
        try:
            file = path.open("rb")
        except FileNotFoundError:
            return 0  # another process took it first
        with file:
            try:
                fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return 0
            if os.fstat(file.fileno()).st_nlink == 0:
                return 0
            accepted, refused = 0, []
            for records, damaged in _batches(file):
                rejected = accept(records) if records else ()
                accepted += len(records) - len(rejected)
                refused += [*damaged, *rejected]
            if refused:
                self._set_aside(path, refused)
            path.unlink()
            _sync_folder(self.folder)
            return accepted

    def _set_aside(self, path: Path, refused: Sequence[bytes]) -> None:
        aside = path.with_suffix(REFUSED)
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.writelines(record + b"\n" for record in refused)
            file.flush()
            os.fsync(file.fileno())
        LOGGER.error("%d records of lookups could not be taken and lie in %s", len(refused), aside)

    def _segments(self) -> list[tuple[Path, int]]:
        try:
            with os.scandir(self.folder) as entries:
                return [(Path(entry.path), _size(entry)) for entry in entries if entry.name.endswith(SUFFIX)]
        except FileNotFoundError:
            return []

    def _open(self) -> _Segment:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return _Segment(self.folder)


def _batches(file: BinaryIO) -> Iterator[tuple[list[bytes], list[bytes]]]:
    """Yield batches of records and damaged lines. An unfinished last line is dropped: the write was cut off,
    so `append` never confirmed it."""
    records: list[bytes] = []
    damaged: list[bytes] = []
    for line in file:
        if not line.endswith(b"\n"):
            break
        digest, _, record = line[:-1].partition(b" ")
        if digest == b"%08x" % zlib.crc32(record):
            records.append(record)
        else:
            damaged.append(line[:-1])
        if len(records) == BATCH:
            yield records, damaged
            records, damaged = [], []
    yield records, damaged


def _size(entry: os.DirEntry[str]) -> int:
    try:
        return entry.stat().st_size
    except FileNotFoundError:
        return 0


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
