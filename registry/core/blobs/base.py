"""The interface of object stores: objects by name, written completely or not at all. `EncryptedBlobs` builds
blobs on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, Protocol

from registry.core.errors import Unavailable
from registry.core.errors.blobs import BlobsUnavailable

CHUNK: Final = 1 << 20
DAMAGED: Final = "damaged/"
"""Folder of copies that do not match their name."""

Pour = Callable[[BinaryIO], None]
"""Writes an object's bytes to a stream."""


@dataclass(frozen=True, slots=True)
class Object:
    """An object: its `name`, such as `ab/abcd…`, its size in `bytes`, and when it was `written` (Unix
    time)."""

    name: str
    bytes: int
    written: float


class Objects(Protocol):
    """Objects by name. Methods raise `Unavailable` (`blobs_unavailable`); `open` also raises
    `FileNotFoundError`."""

    def write(self, name: str, pour: Pour) -> None:
        """Write an object with the bytes that `pour` writes. It exists completely once this returns, or not
        at all."""

    def open(self, name: str) -> AbstractContextManager[BinaryIO]:
        """Open an object as a stream. Raises `FileNotFoundError`, also while it is read, and
        `Unavailable`."""

    def local(self, name: str) -> Path | None:
        """Return a local file that is the object, or None if it has to be fetched."""

    def found(self, prefix: str) -> Iterator[Object]:
        """Yield all objects whose names begin with `prefix`, except those put aside."""

    def delete(self, name: str) -> None:
        """Delete an object, if it exists."""

    def put_aside(self, name: str) -> None:
        """Rename a damaged object to `damaged/…`."""

    def discard_abandoned(self) -> int:
        """Delete partial writes of killed processes, and return how many."""


def unavailable(reason: object, *, next_step: str) -> Unavailable:
    """Return the error of a store that fails."""
    return BlobsUnavailable(f"Media cannot be kept, read or deleted: {reason}.", next_step=next_step)
