"""Signals that stop the supervisor: the first begins the shutdown, a second one speeds it up."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


class Stopped(BaseException):
    """Ctrl-C, SIGTERM or SIGHUP. It is not an `Exception`, so that no handler on the way catches it."""


def behind(error: BaseException | None) -> bool:
    """Whether `Stopped` caused `error`. A query that it interrupts fails again while the connection is
    cleaned up."""
    while error is not None and not isinstance(error, Stopped):
        error = error.__cause__ or error.__context__
    return error is not None


@contextmanager
def stop_signals(hurry: Callable[[], None]) -> Iterator[None]:
    """Raise `Stopped` at the first signal and call `hurry` at each later one. Restore the handlers
    afterwards."""
    is_stopping = False

    def stop(_number: int, _frame: FrameType | None) -> None:
        nonlocal is_stopping
        if is_stopping:
            hurry()
            return
        is_stopping = True
        raise Stopped

    numbers = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # nohup ignores it
        numbers.append(signal.SIGHUP)
    before = [signal.signal(number, stop) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
