"""Limit on the documents that one process compares at once: each may take seconds and hundreds of
megabytes."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Final

from fastapi import Request
from starlette.requests import ClientDisconnect

from registry.core.errors import TooMany, Unavailable
from registry.core.errors.http import Busy

SMALL: Final = 1 << 20
"""Documents up to this many bytes use their own limit, so that they do not wait behind long videos."""
TINY: Final = 1 << 14
"""Documents up to this many bytes never wait: they hold only a digest or a hash, not a clip."""
AT_ONCE: Final = 2
"""Documents compared at once, for each size class. A document of 20 MB takes 400 MB while it is compared."""
PATIENCE: Final = 5.0
"""Seconds that a request waits for its turn ..."""
QUEUE: Final = 16
"""... and how many requests of a size class may wait, each with its body in memory."""


class ConcurrencyLimit:
    """Limits how many documents are compared at once, separately for small and large ones.

    `of_caller`: most documents of a caller that are compared or wait; None: no limit of its own.
    """

    def __init__(
        self,
        *,
        at_once: int = AT_ONCE,
        patience: float = PATIENCE,
        queue: int = QUEUE,
        of_caller: int | None = None,
    ) -> None:
        self._lanes = {small: asyncio.Semaphore(at_once) for small in (True, False)}
        self._waiting = {True: 0, False: 0}
        self._patience = patience
        self._queue = queue
        self._of_caller = of_caller
        self._held: Counter[str] = Counter()

    @asynccontextmanager
    async def turn(self, request: Request | None, size: int, caller: str = "") -> AsyncIterator[None]:
        """Wait for the turn of a document of `size` bytes, and hold it during the block. `request` is None
        for a line of a batch. A batch line waits without a limit and is not counted in the queue, because a
        batch waits with only one line at a time.

        Raises `TooMany` if `caller` has too many turns, `Unavailable` (`busy`) if no turn comes in time,
        `ClientDisconnect` if the client has gone.
        """
        if size <= TINY:
            yield
            return
        with self._share(caller):
            async with self._turn(request, small=size <= SMALL):
                yield

    @contextmanager
    def _share(self, caller: str) -> Iterator[None]:
        if self._of_caller is None or not caller:
            yield
            return
        if self._held[caller] >= self._of_caller:
            raise TooMany(
                f"{self._of_caller} such requests of this caller are being answered.", retry_after=5
            )
        self._held[caller] += 1
        try:
            yield
        finally:
            self._held[caller] -= 1
            if not self._held[caller]:
                del self._held[caller]

    @asynccontextmanager
    async def _turn(self, request: Request | None, *, small: bool) -> AsyncIterator[None]:
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
    return Busy("Too many documents are being compared.")
