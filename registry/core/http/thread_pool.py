"""A small thread pool for the event loop.

`loop.run_in_executor` uses two futures with locks for each call, a fifth of the cost of one hash lookup.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from contextvars import Context, copy_context
from dataclasses import dataclass
from functools import partial
from queue import SimpleQueue
from threading import Thread
from typing import Any


@dataclass(frozen=True, slots=True)
class _Task:
    """A call, its context, and the loop and future that wait for it."""

    act: Callable[[], Any]
    context: Context
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]


class ThreadPool:
    """A fixed number of daemon threads, started at the first call."""

    def __init__(self, count: int, name: str) -> None:
        self._tasks: SimpleQueue[_Task] = SimpleQueue()
        self._wanted = [Thread(target=self._work, name=f"{name}-{at}", daemon=True) for at in range(count)]

    def run[**P, T](self, act: Callable[P, T], *arguments: P.args, **keywords: P.kwargs) -> asyncio.Future[T]:
        """Run `act` in a thread, in the caller's context. Return a future of its result. Call it on the event
        loop that awaits the future."""
        while self._wanted:
            self._wanted.pop().start()
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._tasks.put(_Task(partial(act, *arguments, **keywords), copy_context(), loop, future))
        return future

    def _work(self) -> None:
        while True:
            _do(self._tasks.get())


def _do(task: _Task) -> None:
    try:
        settle = partial(_answer, task.future, task.context.run(task.act))
    except BaseException as error:  # noqa: BLE001 - passed on to the caller, whatever it is
        settle = partial(_fail, task.future, error)
    # A closed loop waits for nothing any more.
    with suppress(RuntimeError):
        task.loop.call_soon_threadsafe(settle)


def _answer[T](future: asyncio.Future[T], value: T) -> None:
    if not future.done():
        future.set_result(value)


def _fail(future: asyncio.Future[Any], error: BaseException) -> None:
    if not future.done():
        future.set_exception(error)
