"""Identify a file: whether it can be read, its length and its sha256."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from registry.core.errors import EmptyFile, IsADirectory, MissingPath, NoPermission, NotMedia
from workers.media import descriptor
from workers.media.limits import Limits


@dataclass(frozen=True, slots=True)
class Source:
    """A readable file: `sha256` in lower-case hex, `bytes` as read."""

    path: Path
    sha256: str
    bytes: int


def identify(path: Path, limits: Limits) -> Source:
    """Read the whole file once and return its digest and length.

    Raises `BadMedia` with code `missing_path`, `is_a_directory`, `no_permission`, `empty_file`, `too_large`
    or `not_media` (a pipe or a device, which cannot be read a second time).
    """
    with readable():
        status = descriptor.status(path)
        if stat.S_ISDIR(status.st_mode):
            raise IsADirectory(
                "The path is of a folder; a file is needed.",
                next_step="Name the files in it, or pass --recursive.",
            )
        if not stat.S_ISREG(status.st_mode):
            raise NotMedia("The path is not of a regular file.", next_step="Save it to a file first.")
        limits.check_bytes(status.st_size)
        digest, size = _digest(path)
    if size == 0:
        raise EmptyFile(next_step="Fetch the file again; its download failed.")
    return Source(path, digest, size)


@contextmanager
def readable() -> Iterator[None]:
    """Turn errors of opening and reading a file into `BadMedia`."""
    try:
        yield
    except (FileNotFoundError, NotADirectoryError):
        raise MissingPath("There is no such file.", next_step="Check the path and try again.") from None
    except PermissionError:
        raise NoPermission(next_step="Give the user read access to the file and its folders.") from None
    except (OSError, ValueError) as error:
        # A name too long for the file system, a null byte in it, an input/output error.
        raise MissingPath(f"The file cannot be read: {_reason(error)}.") from error


def _reason(error: OSError | ValueError) -> str:
    """Return the error text without the path, which the text of an `OSError` ends with."""
    return (error.strerror or "unknown error") if isinstance(error, OSError) else str(error)


def _digest(path: Path) -> tuple[str, int]:
    digest = hashlib.sha256()
    size = 0
    with descriptor.opened(path) as stream:
        while chunk := stream.read(1 << 20):
            digest.update(chunk)
            size += len(chunk)
    return digest.hexdigest(), size


def md5_of(path: Path) -> bytes:
    """Return the MD5 of a file, by which other registries know videos. It is no proof of identity."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).digest()
