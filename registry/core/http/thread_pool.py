"""A few threads that do what an event loop asks for.

`loop.run_in_executor` does as much with a future of either kind, each with locks of its own: a fifth of what
the service spends on one hash.
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
    """What is to be done, in which context, and who waits for it on which loop."""

    act: Callable[[], Any]
    context: Context
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]


class ThreadPool:
    """So many threads, started when they are first needed; they end with the process."""

    def __init__(self, count: int, name: str) -> None:
        self._tasks: SimpleQueue[_Task] = SimpleQueue()
        self._wanted = [Thread(target=self._work, name=f"{name}-{at}", daemon=True) for at in range(count)]

    def run[**P, T](self, act: Callable[P, T], *given: P.args, **named: P.kwargs) -> asyncio.Future[T]:
        """What `act` answers or raises, in the caller's context. Call on the loop that waits for it."""
        while self._wanted:
            self._wanted.pop().start()
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._tasks.put(_Task(partial(act, *given, **named), copy_context(), loop, future))
        return future

    def _work(self) -> None:
        while True:
            _do(self._tasks.get())


def _do(task: _Task) -> None:
    try:
        done = partial(_answer, task.future, task.context.run(task.act))
    except BaseException as error:  # noqa: BLE001 - it is the asker's, whatever it is
        done = partial(_fail, task.future, error)
    # A loop that is closed waits for nothing any more.
    with suppress(RuntimeError):
        task.loop.call_soon_threadsafe(done)


def _answer[T](future: asyncio.Future[T], value: T) -> None:
    if not future.done():
        future.set_result(value)


def _fail(future: asyncio.Future[Any], error: BaseException) -> None:
    if not future.done():
        future.set_exception(error)
