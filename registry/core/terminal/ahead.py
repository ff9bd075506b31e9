"""Run work ahead in background threads and take the results in order."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Final
from weakref import WeakSet

from registry.core.terminal.deadline import Deadline

PATIENCE: Final = 3.0
"""Seconds that unneeded fingerprinting gets to stop and clean up."""

_threads: WeakSet[threading.Thread] = WeakSet()


@contextmanager
def running[T, R](
    work: Callable[[T], R],
    items: Sequence[T],
    *,
    at_once: int,
    deadline: Deadline,
    patience: float = PATIENCE,
) -> Iterator[list[Future[R]]]:
    """Run `work(item)` for all items, `at_once` at a time, in order. Yield one future for each item.

    Leaving early (Ctrl-C) starts no more work and ends the deadline, which stops work in progress. The
    function waits up to `patience` seconds for that.
    """
    futures: list[Future[R]] = [Future() for _ in items]
    waiting = deque(zip(items, futures, strict=True))

    def serve() -> None:
        while waiting:
            try:
                item, future = waiting.popleft()
            except IndexError:
                return
            try:
                future.set_result(work(item))
            except BaseException as error:  # noqa: BLE001 - raised where the result is taken
                future.set_exception(error)

    threads = [threading.Thread(target=serve, daemon=True) for _ in range(min(at_once, len(items)))]
    _threads.update(threads)
    for thread in threads:
        thread.start()
    try:
        yield futures
    except BaseException:
        waiting.clear()
        deadline.end()
        _join(threads, patience)
        raise
    _join(threads, PATIENCE)


def busy() -> bool:
    """Whether work continues that could not be stopped. The interpreter must not shut down normally then."""
    return any(thread.is_alive() for thread in _threads)


def _join(threads: Sequence[threading.Thread], patience: float) -> None:
    gives_up = time.monotonic() + patience
    for thread in threads:
        thread.join(max(0.0, gives_up - time.monotonic()))
