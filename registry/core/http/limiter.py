"""Rate limit for addresses without an API key."""

from __future__ import annotations

import time
from typing import Final

from registry.core.errors import TooMany

EVERY: Final = 3.0
"""Seconds after which an address earns another request ..."""
BURST: Final = 10
"""... up to this many saved requests."""
MOST_ADDRESSES: Final = 10_000


class Limiter:
    """Rate limit by address, within one process and bounded memory. Not thread-safe."""

    def __init__(self, *, every: float = EVERY, burst: int = BURST) -> None:
        self._every = every
        self._burst = burst
        self._free_at: dict[str, float] = {}

    def take(self, address: str, *, now: float | None = None) -> None:
        """Count a request. Raises `TooMany` if the address exceeds the limit."""
        moment = time.monotonic() if now is None else now
        begins = max(self._free_at.pop(address, moment), moment)
        if begins - moment > (self._burst - 1) * self._every:
            self._free_at[address] = begins
            wait = begins - moment - (self._burst - 1) * self._every
            raise TooMany("This address asks too often.", retry_after=wait)
        # Insertion order is age order: the oldest addresses are dropped first.
        self._free_at[address] = begins + self._every
        while len(self._free_at) > MOST_ADDRESSES:
            del self._free_at[next(iter(self._free_at))]
