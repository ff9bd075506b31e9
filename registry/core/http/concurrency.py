"""How many documents one process compares at once: each may cost seconds, and hundreds of megabytes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from fastapi import Request
from starlette.requests import ClientDisconnect

from registry.core.errors import Unavailable

SMALL: Final = 1 << 20
"""Bytes of a document up to which it goes by the lane of small ones, so that it waits for no long video."""
TINY: Final = 1 << 14
"""Bytes that no document of a clip has; a digest or a hash waits for nothing."""
AT_ONCE: Final = 2
"""Documents of a lane at once: one of 20 MB takes 400 MB while it is read and compared."""
PATIENCE: Final = 5.0
"""Seconds that a request waits for its turn ..."""
QUEUE: Final = 16
"""... and how many of a lane wait, each holding what it was sent."""


class ConcurrencyLimit:
    """Lets documents through, a few at a time; small ones by a lane of their own."""

    def __init__(self, *, at_once: int = AT_ONCE, patience: float = PATIENCE, queue: int = QUEUE) -> None:
        self._lanes = {small: asyncio.Semaphore(at_once) for small in (True, False)}
        self._waiting = {True: 0, False: 0}
        self._patience = patience
        self._queue = queue

    @asynccontextmanager
    async def turn(self, request: Request | None, size: int) -> AsyncIterator[None]:
        """The turn of a document of `size` bytes. `request`: whose body it is; None for a line of a batch,
        which waits as long as it takes, behind nobody's back: it holds one place and no more.

        Raises `Unavailable` (`busy`) where it does not come in time, `ClientDisconnect` where nobody waits
        for the answer any more.
        """
        if size <= TINY:
            yield
            return
        small = size <= SMALL
        if request is None:
            await self._lanes[small].acquire()
        else:
            await self._wait(small)
        try:
            if request is not None and await request.is_disconnected():
                raise ClientDisconnect
            yield
        finally:
            self._lanes[small].release()

    async def _wait(self, small: bool) -> None:
        lane = self._lanes[small]
        if lane.locked() and self._waiting[small] >= self._queue:
            raise _busy()
        self._waiting[small] += 1
        try:
            await asyncio.wait_for(lane.acquire(), self._patience)
        except TimeoutError:
            raise _busy() from None
        finally:
            self._waiting[small] -= 1


def _busy() -> Unavailable:
    return Unavailable(
        "Too many documents are being compared.",
        code="busy",
        next_step="Try again after the seconds of Retry-After.",
    )
