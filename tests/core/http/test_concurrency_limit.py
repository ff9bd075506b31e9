"""A few documents are compared at once; who waits in vain is told so, and who left costs nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
from fastapi import Request
from starlette.requests import ClientDisconnect
from starlette.types import Message

from registry.core.errors import Unavailable
from registry.core.http.concurrency import SMALL, TINY, ConcurrencyLimit


def asker(*, there: bool = True) -> Request:
    """A request whose client waits, or has left."""

    async def receive() -> Message:
        if there:
            await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    return Request({"type": "http", "method": "POST", "headers": []}, receive)


class Documents:
    """Documents that are compared until `done` is set; `now` of them, `most` at once."""

    def __init__(self, gate: ConcurrencyLimit) -> None:
        self.gate = gate
        self.done = asyncio.Event()
        self.began = asyncio.Semaphore(0)
        self.now = self.most = 0

    async def one(self, size: int, *, there: bool = True) -> None:
        async with self.gate.turn(asker(there=there), size):
            self.now += 1
            self.most = max(self.most, self.now)
            self.began.release()
            await self.done.wait()
            self.now -= 1

    async def begun(self, count: int) -> None:
        """Wait until so many more are being compared."""
        for _ in range(count):
            await self.began.acquire()


def run(steps: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(steps, 30))


def test_no_more_than_a_few_at_once() -> None:
    async def steps() -> None:
        documents = Documents(ConcurrencyLimit(at_once=2))
        tasks = [asyncio.create_task(documents.one(SMALL)) for _ in range(6)]
        await documents.begun(2)
        documents.done.set()
        await asyncio.gather(*tasks)
        assert documents.most == 2

    run(steps())


def test_a_request_that_waits_too_long_is_refused() -> None:
    async def steps() -> None:
        documents = Documents(ConcurrencyLimit(at_once=1, patience=0.01))
        task = asyncio.create_task(documents.one(SMALL))
        await documents.begun(1)
        with pytest.raises(Unavailable) as caught:
            await documents.one(SMALL)
        assert caught.value.code == "busy"
        documents.done.set()
        await task
        await documents.one(SMALL)

    run(steps())


def test_no_more_than_some_wait() -> None:
    async def steps() -> None:
        documents = Documents(ConcurrencyLimit(at_once=1, queue=1))
        tasks = [asyncio.create_task(documents.one(SMALL)) for _ in range(2)]
        await documents.begun(1)
        await asyncio.sleep(0)
        with pytest.raises(Unavailable):
            await documents.one(SMALL)
        documents.done.set()
        await asyncio.gather(*tasks)

    run(steps())


def test_small_ones_wait_for_no_large_ones_and_digests_for_nothing() -> None:
    async def steps() -> None:
        documents = Documents(ConcurrencyLimit(at_once=1))
        sizes = (SMALL + 1, SMALL, TINY, TINY)
        tasks = [asyncio.create_task(documents.one(size)) for size in sizes]
        await documents.begun(4)
        documents.done.set()
        await asyncio.gather(*tasks)

    run(steps())


def test_for_a_client_that_left_nothing_is_compared() -> None:
    async def steps() -> None:
        documents = Documents(ConcurrencyLimit(at_once=1))
        with pytest.raises(ClientDisconnect):
            await documents.one(SMALL, there=False)
        assert documents.most == 0
        documents.done.set()
        await documents.one(SMALL)

    run(steps())
