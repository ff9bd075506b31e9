"""Original media files, content-addressed by SHA-256, in a folder or a bucket, encrypted if keys are set.

A blob's key derives only from its digest, so no outside name becomes a path. Content is compared with the
digest before use. A damaged copy is put aside and never decoded.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import logging
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, Protocol, cast, override
from urllib.parse import unquote, urlsplit

from registry.core.blobs import nameless
from registry.core.blobs.age_keys import NO_KEYS, Keys, Unopened, read_keys
from registry.core.blobs.base import CHUNK, Objects, unavailable
from registry.core.blobs.folder import FolderObjects
from registry.core.blobs.ranges import AgeRange, PlainRange, Ranged
from registry.core.blobs.s3 import open_s3
from registry.core.errors import EmptyFile, TooLarge, Unavailable
from registry.core.errors.blobs import (
    BadBlobKey,
    BadBlobsUrl,
    BlobCorrupt,
    BlobsKeyMissing,
    BlobsUnavailable,
    MediaMissing,
)

log = logging.getLogger(__name__)

CHECK_INTERVAL: Final = 15.0
"""Seconds between two health checks of a store: some stores charge for each request."""
_NO_ROOM: Final = "Check that TMPDIR, or /tmp, has room for the medium, and the store's disk."
_NOWHERE: Final = f"00/{'0' * 64}"
_KEY: Final = re.compile(r"[0-9a-f]{2}/[0-9a-f]{64}\Z")
_NAME: Final = re.compile(r"([0-9a-f]{2}/[0-9a-f]{64})(?:\.([0-9a-f]{16})\.age)?\Z")


@dataclass(frozen=True, slots=True)
class StoredBlob:
    """A blob: its `key`, `sha256` (64 hex digits) and size in `bytes`. `new`: it was not stored before."""

    key: str
    sha256: str
    bytes: int
    new: bool


class Blobs(Protocol):
    """A store of media files. If the store is full or away, methods raise `Unavailable`
    (`blobs_unavailable`)."""

    def put(self, stream: BinaryIO, *, limit: int) -> StoredBlob:
        """Store a stream of at most `limit` bytes. Raises `TooLarge`, `BadMedia` (code `empty_file`)."""

    def local_path(self, key: str) -> contextlib.AbstractContextManager[Path]:
        """Yield the path of a readable file with these bytes, valid within the context. A decrypted or
        fetched file can be opened only by this process. Raises `NotFound` (`media_gone`), `BadMedia`
        (`blob_corrupt`) if every copy is damaged, `Unavailable` (`blobs_key_missing`)."""

    def ranged(self, key: str) -> contextlib.AbstractContextManager[Ranged]:
        """Yield a blob that is read in parts, within the context. Encrypted parts are authenticated; plain
        ones are not compared with the digest. Raises `NotFound` (`media_gone`), `BadMedia` (`blob_corrupt`),
        `Unavailable` (`blobs_key_missing`)."""

    def delete(self, key: str) -> None:
        """Delete the blob, if it exists."""

    def exists(self, key: str) -> bool:
        """Whether the blob exists."""

    def listed(self, *, prefix: str = "", unchanged_for: float = 0.0) -> Iterator[str]:
        """Yield the keys of blobs that begin with `prefix` and were written at least `unchanged_for` seconds
        ago."""

    def reseal(self, key: str) -> bool:
        """Re-encrypt the blob with the first key and delete other copies. Return False if nothing had to
        change. Raises like `local_path`."""

    def discard_abandoned(self) -> int:
        """Delete partial uploads of killed processes, and return how many."""

    def ping(self) -> None:
        """Raises `Unavailable` if the store failed its last check, at most `CHECK_INTERVAL` seconds ago."""


class EncryptedBlobs:
    """Blobs on top of named objects: `ab/abcd…` if plain, `ab/abcd….ID.age` if encrypted with key ID."""

    def __init__(self, objects: Objects, keys: Keys = NO_KEYS) -> None:
        self._objects = objects
        self._keys = keys
        self._ask_at = 0.0
        self._problem = ""

    def put(self, stream: BinaryIO, *, limit: int) -> StoredBlob:
        with _from_the_start(stream) as (source, start):
            sha256, size = _measured(source, limit)
            key = f"{sha256[:2]}/{sha256}"
            new = not any(name == self._name(key) or self._opens(name) for name in self._copies(key))
            if new:
                source.seek(start)
                self._write(key, source)
        return StoredBlob(key, sha256, size, new)

    @contextmanager
    def local_path(self, key: str) -> Iterator[Path]:
        with ExitStack() as stack:
            yield self._verified(key, stack)

    @contextmanager
    def ranged(self, key: str) -> Iterator[Ranged]:
        copies = self._copies(key)
        if not copies:
            raise MediaMissing
        name = next((copy for copy in copies if self._opens(copy)), None)
        if name is None:
            raise _sealed_by_another(copies)
        size = next((stored.bytes for stored in self._objects.found(name)), 0)
        key_id = cast("re.Match[str]", _NAME.match(name))[2]
        try:
            with self._objects.open(name) as stream:
                yield (
                    AgeRange(stream, size, str(self._keys.openers[key_id]))
                    if key_id
                    else PlainRange(stream, size)
                )
        except FileNotFoundError as error:  # re-encrypted or deleted meanwhile
            raise MediaMissing from error
        except Unopened as error:
            raise BlobCorrupt("The kept media is damaged.") from error

    def delete(self, key: str) -> None:
        sealed = {f"{key}.{key_id}.age" for key_id in (self._keys.seals, *self._keys.openers) if key_id}
        # Include copies that were put aside: `_copies` does not list them.
        for name in {_checked(key), *sealed, *self._copies(key)}:
            self._objects.delete(name)

    def exists(self, key: str) -> bool:
        return bool(self._copies(key))

    def listed(self, *, prefix: str = "", unchanged_for: float = 0.0) -> Iterator[str]:
        before, last = time.time() - unchanged_for, ""
        for stored in self._objects.found(prefix):
            name = _NAME.match(stored.name)
            if name and stored.written <= before and name[1] != last:
                last = name[1]
                yield last

    def reseal(self, key: str) -> bool:
        target = self._name(key)
        if self._copies(key) == [target]:
            return False
        with self.local_path(key) as path, path.open("rb") as plain:
            # `local_path` reads the target first and puts it aside if it is damaged.
            if target not in self._copies(key):
                self._write(key, plain)
        for name in self._copies(key):
            if name != target:
                self._objects.delete(name)
        return True

    def discard_abandoned(self) -> int:
        return self._objects.discard_abandoned()

    def ping(self) -> None:
        if time.monotonic() >= self._ask_at:
            self._ask_at = time.monotonic() + CHECK_INTERVAL
            self._problem = ""
            try:
                self.exists(_NOWHERE)
            except Unavailable as error:
                self._problem = error.message
        if self._problem:
            raise BlobsUnavailable(self._problem)

    def _write(self, key: str, source: BinaryIO) -> None:
        def pour(out: BinaryIO) -> None:
            if self._keys.seals:
                self._keys.seal(source, out)
            else:
                shutil.copyfileobj(source, out, CHUNK)

        self._objects.write(self._name(key), pour)

    def _verified(self, key: str, stack: ExitStack) -> Path:
        """Return a file whose content matches the digest. A mismatch is read a second time before the copy is
        put aside, because memory or network may have caused it."""
        damaged = False
        for attempt in range(3):
            copies = self._copies(key)
            if not copies:
                break
            name = next((copy for copy in copies if self._opens(copy)), None)
            if name is None:
                raise _sealed_by_another(copies)
            with contextlib.suppress(FileNotFoundError):  # re-encrypted or deleted meanwhile
                if (path := self._fetched(name, key, stack)) is not None:
                    return path
                if damaged or attempt == 2:
                    self._objects.put_aside(name)
                    log.error("a blob is damaged and was put aside", extra={"blob_key": key})
                damaged = True
        if damaged:
            raise BlobCorrupt("The kept media is damaged.", next_step="Register the file again.")
        raise MediaMissing

    def _fetched(self, name: str, key: str, stack: ExitStack) -> Path | None:
        """Return a file with an object's bytes, open until the stack ends; None if they do not match the
        key."""
        sealed = cast("re.Match[str]", _NAME.match(name))[2]
        local = None if sealed else self._objects.local(name)
        if local is not None:
            with self._objects.open(name) as plain:
                sha256 = hashlib.file_digest(cast("io.BufferedReader", plain), "sha256").hexdigest()
            return local if key.endswith(sha256) else None
        with self._objects.open(name) as source:
            size = next((stored.bytes for stored in self._objects.found(name)), 0)
            file = nameless.file(size)
            out = _Hashing(file)
            try:
                self._pour_plain(sealed, source, cast("BinaryIO", out))
            except Unopened:
                file.close()
                return None
            except FileNotFoundError:
                file.close()
                raise
            except OSError as error:
                file.close()
                raise unavailable(error.strerror or type(error).__name__, next_step=_NO_ROOM) from error
            except BaseException:
                file.close()
                raise
        if not key.endswith(out.digest.hexdigest()):
            file.close()
            return None
        file.flush()
        stack.callback(file.close)
        return nameless.path(file)

    def _pour_plain(self, sealed: str | None, source: BinaryIO, out: BinaryIO) -> None:
        if sealed:
            self._keys.open(sealed, source, out)
        else:
            shutil.copyfileobj(source, out, CHUNK)

    def _copies(self, key: str) -> list[str]:
        """Return the names of all copies of a blob; the copy encrypted with the first key comes first."""
        names = [stored.name for stored in self._objects.found(_checked(key)) if _NAME.match(stored.name)]
        return sorted(names, key=lambda name: name != self._name(key))

    def _name(self, key: str) -> str:
        return f"{key}.{self._keys.seals}.age" if self._keys.seals else key

    def _opens(self, name: str) -> bool:
        match = _NAME.match(name)
        return match is not None and (match[2] is None or match[2] in self._keys.openers)


class FolderBlobs(EncryptedBlobs):
    """Blobs in a folder."""

    @override
    def __init__(self, folder: Path, keys: Keys = NO_KEYS) -> None:
        super().__init__(FolderObjects(folder), keys)


def open_blobs(url: str, data: Path, keys_setting: str = "") -> Blobs:
    """Open the blobs of FAKEPRINT_BLOBS_URL (default: the folder `blobs` in `data`), encrypted with
    FAKEPRINT_BLOBS_KEYS.

    Raises `BadInput` (code `bad_blobs_url`, `bad_blobs_key`).
    """
    keys = read_keys(keys_setting)
    return EncryptedBlobs(open_objects(url, data), keys)


def is_object_name(name: str) -> bool:
    """Whether a blob's object may have this name. Others could be paths out of the store."""
    return _NAME.match(name) is not None


def open_objects(url: str, data: Path) -> Objects:
    """Open the store of FAKEPRINT_BLOBS_URL, whose objects are blobs as they are kept. Raises `BadInput`
    (`bad_blobs_url`)."""
    if not url:
        return FolderObjects(data / "blobs")
    parts = urlsplit(url)
    if parts.scheme == "s3":
        return open_s3(parts)
    if parts.scheme != "file" or parts.netloc not in {"", "localhost"}:
        raise BadBlobsUrl(
            f"Blobs cannot be kept at a {parts.scheme or 'relative'} URL.",
            next_step="Set FAKEPRINT_BLOBS_URL to file:///an/absolute/folder or s3://bucket/prefix.",
        )
    return FolderObjects(Path(unquote(parts.path)))


class _Hashing:
    """A writable file that hashes what is written."""

    def __init__(self, file: BinaryIO) -> None:
        self.digest = hashlib.sha256()
        self._file = file

    def write(self, data: bytes) -> int:
        self.digest.update(data)
        return self._file.write(data)

    def flush(self) -> None:
        self._file.flush()


@contextmanager
def _from_the_start(stream: BinaryIO) -> Iterator[tuple[BinaryIO, int]]:
    """Yield a seekable stream of the content, and its start position."""
    if stream.seekable():
        yield stream, stream.tell()
        return
    with nameless.file() as copy:
        shutil.copyfileobj(stream, copy, CHUNK)
        copy.seek(0)
        yield copy, 0


def _measured(source: BinaryIO, limit: int) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    while chunk := source.read(CHUNK):
        size += len(chunk)
        if size > limit:
            raise TooLarge(
                f"The file is larger than {limit} bytes.",
                next_step="Hash it where it lies and send that: `fakeprint register --hash-only`.",
            )
        digest.update(chunk)
    if size == 0:
        raise EmptyFile
    return digest.hexdigest(), size


def _checked(key: str) -> str:
    if not _KEY.match(key):
        raise BadBlobKey("Not a blob key.")
    return key


def _sealed_by_another(names: list[str]) -> Unavailable:
    key_ids = sorted({cast("re.Match[str]", _NAME.match(name))[2] for name in names})
    return BlobsKeyMissing(f"The media is sealed by a key that is not here: {', '.join(key_ids)}.")
