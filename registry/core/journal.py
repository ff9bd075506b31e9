"""Records that wait on disk for a database that is away: appended durably, handed over once it is back.

A folder of segments, files named `*.spool`. A line is the CRC-32 of a record (8 hex digits), a space, and the
record (JSON, so without a newline). Each process appends to a segment of its own, which it holds by `flock`;
one that nobody holds may be handed over by whoever comes, so that those of a killed process are too. A
segment is deleted once all in it has been taken; whoever takes must take the same record twice without harm.
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

from registry.core.errors import Unavailable

LOGGER = logging.getLogger(__name__)

SUFFIX: Final = ".spool"
REFUSED: Final = ".refused"
"""Ends the name of what could not be taken, beside the segments, for a person to look at."""
TOGETHER: Final = 200
"""Records that are handed over at once, at most."""

Take = Callable[[Sequence[bytes]], Sequence[bytes]]
"""Takes records for good and returns those that it refuses; raises where it can take none now."""


class _Segment:
    """A file that this process appends to."""

    def __init__(self, folder: Path) -> None:
        name = f"{time.time_ns():020d}-{secrets.token_hex(4)}"
        fresh = folder / f".{name}"
        self.fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_NOFOLLOW, 0o600)
        self.size = 0
        self.synced = 0
        self.syncing = threading.Lock()
        # Under its name, it is held: nobody takes it for one that was left.
        fcntl.flock(self.fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fresh.rename(folder / (name + SUFFIX))
        _sync_folder(folder)

    def write(self, data: bytes) -> int:
        """Its size with `data` at its end; on failure it is as before. Raises `OSError`."""
        left = memoryview(data)
        try:
            while left:
                left = left[os.write(self.fd, left) :]
        except OSError:
            os.ftruncate(self.fd, self.size)
            raise
        self.size += len(data)
        return self.size

    def sync(self, end: int) -> None:
        """Its first `end` bytes are on the disk. Several threads that wait share one `fdatasync`."""
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
    """The segments below `folder` (made 0700 when first needed), `limit` bytes of them at most."""

    def __init__(self, folder: Path, limit: int) -> None:
        self.folder = folder
        self._limit = limit
        self._lock = threading.Lock()
        self._segment: _Segment | None = None

    def append(self, records: Sequence[bytes]) -> None:
        """Keep the records: once this returns, they outlast a kill and a power cut.

        Raises `Unavailable`: `spool_full` where the limit would be passed, `spool_unavailable` where the disk
        does not take them.
        """
        data = b"".join(b"%08x %s\n" % (zlib.crc32(record), record) for record in records)
        try:
            with self._lock:
                if self.waiting() + len(data) > self._limit:
                    raise Unavailable(
                        "The database is away, and there is no room left for records of lookups.",
                        code="spool_full",
                        next_step="Bring the primary database back, or raise FAKEPRINT_SPOOL_BYTES.",
                    )
                segment = self._segment or self._open()
                self._segment = segment
                end = segment.write(data)
            segment.sync(end)
        except OSError as error:
            raise Unavailable(
                f"The record of a lookup cannot be kept: {error.strerror}.",
                code="spool_unavailable",
                next_step=f"Check the rights and the free space of {self.folder}.",
            ) from error

    def waiting(self) -> int:
        """How much waits, by all processes."""
        return sum(size for _, size in self._segments())

    def release(self) -> None:
        """Let this process's segment be handed over; what comes next goes to another."""
        with self._lock:
            if self._segment is not None:
                self._segment.close()
                self._segment = None

    def hand_over(self, take: Take) -> int:
        """Give what waits to `take`, oldest segment first; how many records were taken. What a running
        process appends to is left to it. Raises what `take` raises; what was not taken whole then stays."""
        self.release()
        return sum(self._hand_over(path, take) for path, _ in sorted(self._segments()))

    def _hand_over(self, path: Path, take: Take) -> int:
        try:
            file = path.open("rb")
        except FileNotFoundError:
            return 0  # another process was first
        with file:
            try:
                fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return 0
            if os.fstat(file.fileno()).st_nlink == 0:
                return 0
            taken, refused = 0, []
            for records, damaged in _batches(file):
                unwanted = take(records) if records else ()
                taken += len(records) - len(unwanted)
                refused += [*damaged, *unwanted]
            if refused:
                self._set_aside(path, refused)
            path.unlink()
            _sync_folder(self.folder)
            return taken

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
    """Records and damaged lines, some at a time. An unfinished last line was cut off while it was written, so
    nobody was told that it is kept."""
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
        if len(records) == TOGETHER:
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
