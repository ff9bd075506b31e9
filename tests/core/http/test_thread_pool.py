"""Threads that do what an event loop asks for."""

from __future__ import annotations

import asyncio
import threading
from contextvars import ContextVar

import pytest

from registry.core.http.thread_pool import ThreadPool

NOTE: ContextVar[str] = ContextVar("note", default="nobody's")


def test_results_are_returned_and_errors_are_raised() -> None:
    hands = ThreadPool(2, "test")

    async def ask() -> None:
        assert await hands.run(divmod, 7, 2) == (3, 1)
        with pytest.raises(ZeroDivisionError):
            await hands.run(divmod, 7, 0)

    asyncio.run(ask())
    asyncio.run(ask())  # on another loop


def test_it_is_done_in_the_asker_s_context() -> None:
    hands = ThreadPool(1, "test")

    async def ask(note: str) -> str:
        NOTE.set(note)
        return await hands.run(NOTE.get)

    async def all_of_them() -> list[str]:
        return await asyncio.gather(*(ask(str(number)) for number in range(20)))

    assert asyncio.run(all_of_them()) == [str(number) for number in range(20)]


def test_as_many_at_once_as_there_are_hands() -> None:
    hands = ThreadPool(3, "test")
    together = threading.Barrier(3, timeout=20)

    async def ask() -> None:
        await asyncio.gather(*(hands.run(together.wait) for _ in range(3)))

    asyncio.run(ask())


def test_a_cancelled_wait_blocks_nothing() -> None:
    hands = ThreadPool(1, "test")
    go_on = threading.Event()

    async def ask() -> str:
        waiting = hands.run(go_on.wait, 20)
        waiting.cancel()
        go_on.set()
        return await hands.run(str, "next")

    assert asyncio.run(ask()) == "next"
    asyncio.run(_left(hands, go_on))
    assert asyncio.run(ask()) == "next"


async def _left(hands: ThreadPool, go_on: threading.Event) -> None:
    """Ask, and close the loop before it is done."""
    go_on.clear()
    hands.run(go_on.wait, 20)
