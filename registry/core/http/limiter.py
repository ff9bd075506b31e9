"""How often an address without a key may ask."""

from __future__ import annotations

import time
from typing import Final

from registry.core.errors import TooMany

EVERY: Final = 3.0
"""Seconds in which an address earns a request ..."""
BURST: Final = 10
"""... of which it saves up so many."""
MOST_ADDRESSES: Final = 10_000


class Limiter:
    """Counts requests by address, within one process, in bounded memory. Not for several threads at once."""

    def __init__(self, *, every: float = EVERY, burst: int = BURST) -> None:
        self._every = every
        self._burst = burst
        self._free_at: dict[str, float] = {}

    def take(self, address: str, *, now: float | None = None) -> None:
        """Count a request. Raises `TooMany` where the address has asked too often."""
        moment = time.monotonic() if now is None else now
        begins = max(self._free_at.pop(address, moment), moment)
        if begins - moment > (self._burst - 1) * self._every:
            self._free_at[address] = begins
            wait = begins - moment - (self._burst - 1) * self._every
            raise TooMany("This address asks too often.", retry_after=wait)
        # Last in is last out: the oldest are forgotten first.
        self._free_at[address] = begins + self._every
        while len(self._free_at) > MOST_ADDRESSES:
            del self._free_at[next(iter(self._free_at))]
