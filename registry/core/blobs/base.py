"""What keeps objects by name, whole or not at all. `Kept` makes blobs of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, Protocol

from registry.core.errors import Unavailable

CHUNK: Final = 1 << 20
DAMAGED: Final = "damaged/"
"""Where copies are put aside that are not what their name says."""

Pour = Callable[[BinaryIO], None]
"""Writes an object's bytes."""


@dataclass(frozen=True, slots=True)
class Object:
    """One object: `name`, as in `ab/abcd…`, its size in `bytes`, when it was written (seconds since 1970)."""

    name: str
    bytes: int
    written: float


class Objects(Protocol):
    """Objects by name. All but `open` and `local` raise `Unavailable` (`blobs_unavailable`) alone."""

    def write(self, name: str, pour: Pour) -> None:
        """Make an object of what is poured: it is there once this returns, or not at all."""

    def open(self, name: str) -> AbstractContextManager[BinaryIO]:
        """Its bytes as a stream. Raises `FileNotFoundError`, also while it is read; `Unavailable`."""

    def local(self, name: str) -> Path | None:
        """A file that holds the object as it is; None where it has to be fetched."""

    def found(self, prefix: str) -> Iterator[Object]:
        """All whose names begin so, but those put aside."""

    def delete(self, name: str) -> None:
        """Nothing happens where it is not there."""

    def put_aside(self, name: str) -> None:
        """Name it `damaged/…`."""

    def discard_abandoned(self) -> int:
        """Delete what writers that were killed left half written; how many."""


def unavailable(reason: object, *, next_step: str) -> Unavailable:
    """The error of a store that does not do its work."""
    return Unavailable(
        f"Media cannot be kept, read or deleted: {reason}.", code="blobs_unavailable", next_step=next_step
    )
