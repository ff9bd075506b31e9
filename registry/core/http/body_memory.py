"""Memory limits for request bodies: for the process and for one caller."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from registry.core.errors import TooMany
from registry.core.errors.http import Busy

TOTAL: Final = 256 << 20
"""Total bytes for the bodies of all requests in progress ..."""
BODIES: Final = 4
"""... or this many of the largest body, if that is more. One caller may use half of the total."""
UNCOUNTED: Final = 1 << 16
"""Bytes of a body that are not counted: about what a connection holds anyway."""


class BodyMemory:
    """Counts the memory of bodies in progress. `largest`: bytes of the largest body. Not thread-safe."""

    def __init__(self, largest: int, *, total: int = TOTAL) -> None:
        self._total = max(total, BODIES * largest)
        self._share = self._total // 2
        self._held: dict[str, int] = {}
        self._sum = 0

    @contextmanager
    def place(self, key: str) -> Iterator[Reservation]:
        """Yield the reservation for one body of a caller. It is released at the end of the block."""
        place = Reservation(self, key)
        try:
            yield place
        finally:
            self._give_back(key, place.size)

    def take(self, key: str, more: int) -> None:
        """Reserve `more` bytes. Raises `TooMany` if the caller exceeds its share, or `Unavailable` (`busy`)
        if the total is exceeded. Nothing is reserved then."""
        size = self._held.get(key, 0) + more
        if size > self._share:
            raise TooMany("This caller sends too many large bodies at once.", retry_after=2)
        if self._sum + more > self._total:
            raise Busy("Too many large bodies are being read.")
        self._held[key] = size
        self._sum += more

    def _give_back(self, key: str, size: int) -> None:
        if not size:
            return
        self._sum -= size
        self._held[key] -= size
        if not self._held[key]:
            del self._held[key]


class Reservation:
    """The memory that one body uses; `size` in bytes."""

    def __init__(self, memory: BodyMemory, key: str) -> None:
        self._room = memory
        self._key = key
        self.size = 0

    def hold(self, size: int) -> None:
        """Raise the reservation to `size` bytes. Raises like `BodyMemory.take`."""
        more = size - self.size
        if size > UNCOUNTED and more > 0:
            self._room.take(self._key, more)
            self.size = size
