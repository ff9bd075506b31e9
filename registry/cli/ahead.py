"""Work done ahead in the background, its results taken in order."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future


def start[T, R](work: Callable[[T], R], items: Sequence[T], *, at_once: int) -> list[Future[R]]:
    """Begin `work(item)` for every item, `at_once` at a time, first items first; one future each.

    The threads end with the process: Ctrl-C waits for no upload.
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
            except BaseException as error:  # noqa: BLE001 - it is raised where the result is taken
                future.set_exception(error)

    for _ in range(min(at_once, len(items))):
        threading.Thread(target=serve, daemon=True).start()
    return futures
