"""Media files as they came, content-addressed by sha256, in a folder or a bucket, sealed where there are
keys.

A blob's key is made of its digest alone, so no name from outside becomes a path. What is read is compared
with that digest first; a copy that is something else is put aside and never decoded.
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
from registry.core.blobs.s3 import open_s3
from registry.core.errors import BadInput, BadMedia, NotFound, TooLarge, Unavailable

log = logging.getLogger(__name__)

ASKED_EVERY: Final = 15.0
"""Seconds between two questions to a store whether it is there: some take money for each."""
_NO_ROOM: Final = "Check that TMPDIR, or /tmp, has room for the medium, and the store's disk."
_NOWHERE: Final = f"00/{'0' * 64}"
_KEY: Final = re.compile(r"[0-9a-f]{2}/[0-9a-f]{64}\Z")
_NAME: Final = re.compile(r"([0-9a-f]{2}/[0-9a-f]{64})(?:\.([0-9a-f]{16})\.age)?\Z")


@dataclass(frozen=True, slots=True)
class StoredBlob:
    """A blob: its `key`, the `sha256` (64 hex digits) and number of its `bytes`; `new`: it came just now."""

    key: str
    sha256: str
    bytes: int
    new: bool


class Blobs(Protocol):
    """Where media is kept. A store that is full or away: `Unavailable` (`blobs_unavailable`)."""

    def put(self, stream: BinaryIO, *, limit: int) -> StoredBlob:
        """Keep a stream of at most `limit` bytes. Raises `TooLarge`, `BadMedia` (code `empty_file`)."""

    def local_path(self, key: str) -> contextlib.AbstractContextManager[Path]:
        """A readable file of these bytes while the context lasts, which this process alone can open by that
        path where they were sealed or fetched. Raises `NotFound` (`media_gone`), `BadMedia` (`blob_corrupt`)
        where no copy is what it should be, `Unavailable` (`blobs_key_missing`)."""

    def delete(self, key: str) -> None:
        """Forget the bytes, if they are there."""

    def exists(self, key: str) -> bool:
        """Whether the bytes are there."""

    def listed(self, *, prefix: str = "", unchanged_for: float = 0.0) -> Iterator[str]:
        """Every blob whose key begins so, written that many seconds ago at least."""

    def reseal(self, key: str) -> bool:
        """Have it under the first of the keys, and no other; False where it was. Raises as `local_path`."""

    def discard_abandoned(self) -> int:
        """Delete what processes that were killed left half received; how many."""

    def ping(self) -> None:
        """Raises `Unavailable` where the store did not answer within the last `ASKED_EVERY` seconds."""


class Kept:
    """Blobs made of objects: `ab/abcd…` where plain, `ab/abcd….ID.age` where sealed by the key of that id."""

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

    def delete(self, key: str) -> None:
        sealed = {f"{key}.{item}.age" for item in (self._keys.seals, *self._keys.openers) if item}
        # Those put aside too, which are not among the copies.
        for name in {_checked(key), *sealed, *self._copies(key)}:
            self._objects.delete(name)

    def exists(self, key: str) -> bool:
        return bool(self._copies(key))

    def listed(self, *, prefix: str = "", unchanged_for: float = 0.0) -> Iterator[str]:
        before, last = time.time() - unchanged_for, ""
        for item in self._objects.found(prefix):
            name = _NAME.match(item.name)
            if name and item.written <= before and name[1] != last:
                last = name[1]
                yield last

    def reseal(self, key: str) -> bool:
        target = self._name(key)
        if self._copies(key) == [target]:
            return False
        with self.local_path(key) as path, path.open("rb") as plain:
            # Of several copies the target is read first, and put aside where it is damaged.
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
            self._ask_at = time.monotonic() + ASKED_EVERY
            self._problem = ""
            try:
                self.exists(_NOWHERE)
            except Unavailable as error:
                self._problem = error.message
        if self._problem:
            raise Unavailable(self._problem, code="blobs_unavailable")

    def _write(self, key: str, source: BinaryIO) -> None:
        def pour(out: BinaryIO) -> None:
            if self._keys.seals:
                self._keys.seal(source, out)
            else:
                shutil.copyfileobj(source, out, CHUNK)

        self._objects.write(self._name(key), pour)

    def _verified(self, key: str, stack: ExitStack) -> Path:
        """A file of the bytes, compared with their digest. A copy is read twice before it is put aside: what
        read it wrongly may have been the memory or the network."""
        damaged = False
        for attempt in range(3):
            copies = self._copies(key)
            if not copies:
                break
            name = next((copy for copy in copies if self._opens(copy)), None)
            if name is None:
                raise _sealed_by_another(copies)
            with contextlib.suppress(FileNotFoundError):  # sealed anew meanwhile, or deleted
                if (path := self._fetched(name, key, stack)) is not None:
                    return path
                if damaged or attempt == 2:
                    self._objects.put_aside(name)
                    log.error("a blob is damaged and was put aside", extra={"blob_key": key})
                damaged = True
        if damaged:
            raise BadMedia(
                "The kept media is damaged.", code="blob_corrupt", next_step="Register the file again."
            )
        raise NotFound("The media of this job is no longer kept.", code="media_gone")

    def _fetched(self, name: str, key: str, stack: ExitStack) -> Path | None:
        """A file of an object's bytes, kept open until the stack ends; None where they are not the key's."""
        sealed = cast("re.Match[str]", _NAME.match(name))[2]
        local = None if sealed else self._objects.local(name)
        if local is not None:
            with self._objects.open(name) as plain:
                found = hashlib.file_digest(cast("io.BufferedReader", plain), "sha256").hexdigest()
            return local if key.endswith(found) else None
        with self._objects.open(name) as source:
            size = next((item.bytes for item in self._objects.found(name)), 0)
            held = nameless.file(size)
            out = _Hashing(held)
            try:
                self._pour_plain(sealed, source, cast("BinaryIO", out))
            except Unopened:
                held.close()
                return None
            except FileNotFoundError:
                held.close()
                raise
            except OSError as error:
                held.close()
                raise unavailable(error.strerror or type(error).__name__, next_step=_NO_ROOM) from error
            except BaseException:
                held.close()
                raise
        if not key.endswith(out.digest.hexdigest()):
            held.close()
            return None
        held.flush()
        stack.callback(held.close)
        return nameless.path(held)

    def _pour_plain(self, sealed: str | None, source: BinaryIO, out: BinaryIO) -> None:
        if sealed:
            self._keys.open(sealed, source, out)
        else:
            shutil.copyfileobj(source, out, CHUNK)

    def _copies(self, key: str) -> list[str]:
        """Names of the objects that hold a blob: what the first key sealed comes first."""
        names = [item.name for item in self._objects.found(_checked(key)) if _NAME.match(item.name)]
        return sorted(names, key=lambda name: name != self._name(key))

    def _name(self, key: str) -> str:
        return f"{key}.{self._keys.seals}.age" if self._keys.seals else key

    def _opens(self, name: str) -> bool:
        found = _NAME.match(name)
        return found is not None and (found[2] is None or found[2] in self._keys.openers)


class FolderBlobs(Kept):
    """Blobs in a folder, whole or not there."""

    @override
    def __init__(self, folder: Path, keys: Keys = NO_KEYS) -> None:
        super().__init__(FolderObjects(folder), keys)


def open_blobs(url: str, data: Path, keys: str = "") -> Blobs:
    """The blobs of FAKEPRINT_BLOBS_URL (empty: the folder `blobs` under `data`), sealed by
    FAKEPRINT_BLOBS_KEYS.

    Raises `BadInput` (code `bad_blobs_url`, `bad_blobs_key`).
    """
    held = read_keys(keys)
    if not url:
        return FolderBlobs(data / "blobs", held)
    parts = urlsplit(url)
    if parts.scheme == "s3":
        return Kept(open_s3(parts), held)
    if parts.scheme != "file" or parts.netloc not in {"", "localhost"}:
        raise BadInput(
            f"Blobs cannot be kept at a {parts.scheme or 'relative'} URL.",
            code="bad_blobs_url",
            next_step="Set FAKEPRINT_BLOBS_URL to file:///an/absolute/folder or s3://bucket/prefix.",
        )
    return FolderBlobs(Path(unquote(parts.path)), held)


class _Hashing:
    """A file that what is written to it is hashed on the way."""

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
    """The stream, which can be read twice, and where it begins."""
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
        raise BadMedia("The file holds no bytes.", code="empty_file")
    return digest.hexdigest(), size


def _checked(key: str) -> str:
    if not _KEY.match(key):
        raise BadInput("Not a blob key.", code="bad_blob_key")
    return key


def _sealed_by_another(names: list[str]) -> Unavailable:
    found = sorted({cast("re.Match[str]", _NAME.match(name))[2] for name in names})
    return Unavailable(
        f"The media is sealed by a key that is not here: {', '.join(found)}.",
        code="blobs_key_missing",
        next_step="Put that key back into FAKEPRINT_BLOBS_KEYS, after the one that seals.",
    )
