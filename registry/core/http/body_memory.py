"""How much of what is sent one process holds in memory, and how much of it may be one caller's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from registry.core.errors import TooMany, Unavailable

ROOM: Final = 256 << 20
"""Bytes of the bodies of all requests that are read or answered ..."""
BODIES: Final = 4
"""... or so many of the largest, where that is more. A caller has half of it."""
UNCOUNTED: Final = 1 << 16
"""Bytes of a body that take no room: about what a connection holds anyway."""


class BodyMemory:
    """What is held. `largest`: bytes of the largest body. Not for several threads at once."""

    def __init__(self, largest: int, *, total: int = ROOM) -> None:
        self._total = max(total, BODIES * largest)
        self._share = self._total // 2
        self._held: dict[str, int] = {}
        self._sum = 0

    @contextmanager
    def place(self, key: str) -> Iterator[Reservation]:
        """The place of one body of the caller whose key this is, given back at the end."""
        place = Reservation(self, key)
        try:
            yield place
        finally:
            self._give_back(key, place.size)

    def take(self, key: str, more: int) -> None:
        """Count `more` bytes. Raises `TooMany` where they are more than the caller's share, `Unavailable`
        (`busy`) where nobody has room; then none is counted."""
        held = self._held.get(key, 0) + more
        if held > self._share:
            raise TooMany("This caller sends too many large bodies at once.", retry_after=2)
        if self._sum + more > self._total:
            raise Unavailable(
                "Too many large bodies are being read.",
                code="busy",
                next_step="Try again after the seconds of Retry-After.",
            )
        self._held[key] = held
        self._sum += more

    def _give_back(self, key: str, size: int) -> None:
        if not size:
            return
        self._sum -= size
        self._held[key] -= size
        if not self._held[key]:
            del self._held[key]


class Reservation:
    """The memory that one body takes; `size` in bytes."""

    def __init__(self, body_memory: BodyMemory, key: str) -> None:
        self._room = body_memory
        self._key = key
        self.size = 0

    def hold(self, size: int) -> None:
        """Have room for `size` bytes in all. Raises as `BodyMemory.take` does."""
        more = size - self.size
        if size > UNCOUNTED and more > 0:
            self._room.take(self._key, more)
            self.size = size
