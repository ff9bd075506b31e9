"""Media files as they came, content-addressed by sha256 in a folder.

A blob's key is made of its digest alone, so no name from outside becomes a path.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, Protocol
from urllib.parse import unquote, urlsplit

from registry.errors import BadInput, BadMedia, NotFound, TooLarge, Unavailable

CHUNK: Final = 1 << 20
ABANDONED: Final = 60.0
"""Seconds without a write after which a half-received file that nobody holds is discarded."""
_KEY: Final = re.compile(r"[0-9a-f]{2}/[0-9a-f]{64}\Z")


@dataclass(frozen=True, slots=True)
class StoredBlob:
    """A blob: its `key`, the `sha256` (64 hex digits) and number of its `bytes`; `new`: it came just now."""

    key: str
    sha256: str
    bytes: int
    new: bool


class Blobs(Protocol):
    """Where media is kept."""

    def put(self, stream: BinaryIO, *, limit: int) -> StoredBlob:
        """Keep a stream of at most `limit` bytes. Raises `TooLarge`, `BadMedia` (code `empty_file`)."""

    def local_path(self, key: str) -> contextlib.AbstractContextManager[Path]:
        """A readable file of these bytes while the context lasts. Raises `NotFound` (`media_gone`)."""

    def delete(self, key: str) -> None:
        """Forget the bytes, if they are there. Raises `Unavailable` (`blobs_unavailable`)."""

    def exists(self, key: str) -> bool:
        """Whether the bytes are there."""

    def discard_abandoned(self) -> int:
        """Delete what processes that were killed left half received; how many files."""


class FolderBlobs:
    """Blobs in a folder: `ab/abcd…`. Written to a temporary name, synced, renamed: whole or not there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, stream: BinaryIO, *, limit: int) -> StoredBlob:
        try:
            incoming = self._folder / "incoming"
            incoming.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor, name = tempfile.mkstemp(dir=incoming)
        except OSError as error:
            raise _unwritable(error) from error
        temporary = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as out:
                fcntl.flock(out, fcntl.LOCK_EX)
                sha256, size = _copy(stream, out, limit)
            key = f"{sha256[:2]}/{sha256}"
            target = self._folder / key
            new = not target.exists()
            if new:
                target.parent.mkdir(exist_ok=True, mode=0o700)
                temporary.replace(target)
            return StoredBlob(key, sha256, size, new)
        except OSError as error:
            raise _unwritable(error) from error
        finally:
            temporary.unlink(missing_ok=True)

    @contextmanager
    def local_path(self, key: str) -> Iterator[Path]:
        path = self._path(key)
        if not path.is_file():
            raise NotFound("The media of this job is no longer kept.", code="media_gone")
        yield path

    def delete(self, key: str) -> None:
        try:
            self._path(key).unlink(missing_ok=True)
        except OSError as error:
            raise _unwritable(error) from error

    def exists(self, key: str) -> bool:
        return self._path(key).is_file()

    def discard_abandoned(self) -> int:
        discarded = 0
        for path in (self._folder / "incoming").glob("*"):
            with contextlib.suppress(OSError), path.open("rb") as left:
                # Whoever still writes it holds the lock; a minute covers the moment before it is taken.
                if time.time() - path.stat().st_mtime > ABANDONED:
                    fcntl.flock(left, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    path.unlink()
                    discarded += 1
        return discarded

    def _path(self, key: str) -> Path:
        if not _KEY.match(key):
            raise BadInput("Not a blob key.", code="bad_blob_key")
        return self._folder / key


def open_blobs(url: str, data: Path) -> Blobs:
    """The blobs of FAKEPRINT_BLOBS_URL; empty: the folder `blobs` under `data`.

    Raises `BadInput` (code `bad_blobs_url`) for a scheme that is not spoken.
    """
    if not url:
        return FolderBlobs(data / "blobs")
    parts = urlsplit(url)
    if parts.scheme != "file" or parts.netloc not in {"", "localhost"}:
        raise BadInput(
            f"Blobs cannot be kept at a {parts.scheme or 'relative'} URL.",
            code="bad_blobs_url",
            next_step="Set FAKEPRINT_BLOBS_URL to file:///an/absolute/folder.",
        )
    return FolderBlobs(Path(unquote(parts.path)))


def _copy(stream: BinaryIO, out: BinaryIO, limit: int) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    while chunk := stream.read(CHUNK):
        size += len(chunk)
        if size > limit:
            raise TooLarge(
                f"The file is larger than {limit} bytes.",
                next_step="Hash it where it lies and send that: `fakeprint register --hash-only`.",
            )
        digest.update(chunk)
        out.write(chunk)
    if size == 0:
        raise BadMedia("The file holds no bytes.", code="empty_file")
    out.flush()
    os.fsync(out.fileno())
    return digest.hexdigest(), size


def _unwritable(error: OSError) -> Unavailable:
    return Unavailable(
        f"Media cannot be kept or deleted: {error.strerror}.",
        code="blobs_unavailable",
        next_step="Check the folder of FAKEPRINT_BLOBS_URL: its rights and its free space.",
    )
