"""Background tasks of an API process: lease rate-limit tokens, share suspicions of reconstruction, save which
keys were used, return free memory."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Final

from registry.core.errors import FakeprintError
from registry.core.http import malloc
from registry.core.http.thread_pool import ThreadPool
from registry.core.service import Service
from registry.identity.callers.service.keys import record_key_use
from registry.identity.quotas.api.token_leases import TICK, TokenLeases
from registry.identity.quotas.service import lease_tokens
from registry.matching.abuse.guard import EXCHANGE_SECONDS, ReconstructionGuard

LOGGER = logging.getLogger(__name__)

SAVE_INTERVAL: Final = 60.0
"""Seconds between two saves of the keys that were used."""
MOST_USED: Final = 10_000
"""Most keys that are remembered between two saves."""
MEMORY_INTERVAL: Final = 60.0
"""Seconds between two returns of free memory to the system. Otherwise each heap keeps the memory of its
busiest moment, and Python collects old objects only after their number has grown by a quarter."""


class UsedKeys:
    """Digests of keys that were used since the last save."""

    def __init__(self) -> None:
        self._digests: set[bytes] = set()

    def note(self, digest: bytes) -> None:
        """Record that a request came with this key."""
        if len(self._digests) < MOST_USED:
            self._digests.add(digest)

    async def save(self, thread_pool: ThreadPool, service: Service) -> None:
        """Save them. A failed save is not repeated: the time of last use is approximate."""
        digests, self._digests = self._digests, set()
        with suppress(FakeprintError):
            await thread_pool.run(record_key_use, service, digests)


@asynccontextmanager
async def background_tasks(
    token_leases: TokenLeases, used: UsedKeys, reconstruction: ReconstructionGuard, service: Service
) -> AsyncIterator[None]:
    """Run the background tasks within the context. At its end, return leased tokens and save once more."""
    thread_pool = ThreadPool(1, "background-tasks")
    token_leases.open(lambda requests: thread_pool.run(lease_tokens, service, requests))
    tasks = [
        asyncio.create_task(_again(TICK, token_leases.tend)),
        asyncio.create_task(_again(EXCHANGE_SECONDS, partial(reconstruction.exchange, thread_pool, service))),
        asyncio.create_task(_again(SAVE_INTERVAL, partial(used.save, thread_pool, service))),
        asyncio.create_task(_again(MEMORY_INTERVAL, partial(thread_pool.run, malloc.return_memory))),
    ]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await _safely(token_leases.close)
        await _safely(partial(reconstruction.exchange, thread_pool, service))
        await _safely(partial(used.save, thread_pool, service))


async def _again(every: float, act: Callable[[], Awaitable[None]]) -> None:
    while True:
        await asyncio.sleep(every)
        await _safely(act)


async def _safely(act: Callable[[], Awaitable[None]]) -> None:
    try:
        await act()
    except Exception:
        LOGGER.exception("a background task failed")
