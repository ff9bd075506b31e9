"""Signals that end the supervisor: the first begins the end, another one hurries it."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


class Stopped(BaseException):
    """Ctrl-C, SIGTERM or SIGHUP. No `Exception`, so that nothing on the way catches it."""


def behind(error: BaseException | None) -> bool:
    """Whether `error` is what `Stopped` turned into: a query that it cuts off fails once more where the
    connection is cleaned up."""
    while error is not None and not isinstance(error, Stopped):
        error = error.__cause__ or error.__context__
    return error is not None


@contextmanager
def heard(hurry: Callable[[], None]) -> Iterator[None]:
    """Raise `Stopped` at the first signal, call `hurry` at each later one; the handlers before come back."""
    seen = False

    def stop(_number: int, _frame: FrameType | None) -> None:
        nonlocal seen
        if seen:
            hurry()
            return
        seen = True
        raise Stopped

    numbers = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # under nohup it stays unheard
        numbers.append(signal.SIGHUP)
    before = [signal.signal(number, stop) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
