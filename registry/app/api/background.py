"""What an API process does beside answering: borrow what its callers may request, share which of
them walk along boundaries, keep which keys were used, give free memory back."""

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
from registry.identity.callers.service.keys import note_keys
from registry.identity.quotas.api.token_leases import TICK, TokenLeases
from registry.identity.quotas.service import lease_tokens
from registry.matching.abuse.guard import EVERY, ReconstructionGuard

LOGGER = logging.getLogger(__name__)

NOTED: Final = 60.0
"""Seconds between two notes of the keys that were used."""
MOST_USED: Final = 10_000
LEAN: Final = 60.0
"""Seconds between two times that free memory goes back to the system. By itself each heap keeps what its
busiest moment took, and the collector looks at what is old only once that has grown by a quarter."""


class UsedKeys:
    """Digests of keys that were used and not noted yet."""

    def __init__(self) -> None:
        self._digests: set[bytes] = set()

    def note(self, digest: bytes) -> None:
        """A request came with this key."""
        if len(self._digests) < MOST_USED:
            self._digests.add(digest)

    async def keep(self, hands: ThreadPool, service: Service) -> None:
        """Write them down. Those that cannot be written are forgotten: it is said only roughly."""
        digests, self._digests = self._digests, set()
        with suppress(FakeprintError):
            await hands.run(note_keys, service, digests)


@asynccontextmanager
async def tended(
    token_leases: TokenLeases, used: UsedKeys, reconstruction: ReconstructionGuard, service: Service
) -> AsyncIterator[None]:
    """While the context lasts. At its end what was borrowed goes back."""
    hands = ThreadPool(1, "tending")
    token_leases.open(lambda requests: hands.run(lease_tokens, service, requests))
    tasks = [
        asyncio.create_task(_again(TICK, token_leases.tend)),
        asyncio.create_task(_again(EVERY, partial(reconstruction.tend, hands, service))),
        asyncio.create_task(_again(NOTED, partial(used.keep, hands, service))),
        asyncio.create_task(_again(LEAN, partial(hands.run, malloc.give_back))),
    ]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await _safely(token_leases.close)
        await _safely(partial(reconstruction.tend, hands, service))
        await _safely(partial(used.keep, hands, service))


async def _again(every: float, act: Callable[[], Awaitable[None]]) -> None:
    while True:
        await asyncio.sleep(every)
        await _safely(act)


async def _safely(act: Callable[[], Awaitable[None]]) -> None:
    try:
        await act()
    except Exception:
        LOGGER.exception("something beside answering was not done because of a bug")
