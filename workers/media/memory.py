"""Bound the memory that a library takes while it reads one foreign file."""

from __future__ import annotations

import resource
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_STATUS: Final = Path("/proc/self/statm")


class _Bound:
    """The limit of address space of this process, set by the first of nested or concurrent blocks."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._depth = 0
        self._before = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)

    def enter(self, size: int) -> None:
        with self._lock:
            if not self._depth:
                self._before = soft, hard = resource.getrlimit(resource.RLIMIT_AS)
                limits = [
                    limit for limit in (soft, hard, _mapped() + size) if limit != resource.RLIM_INFINITY
                ]
                resource.setrlimit(resource.RLIMIT_AS, (min(limits), hard))
            self._depth += 1

    def leave(self) -> None:
        with self._lock:
            self._depth -= 1
            if not self._depth:
                resource.setrlimit(resource.RLIMIT_AS, self._before)


_BOUND: Final = _Bound()


@contextmanager
def bounded(megabytes: int) -> Iterator[None]:
    """Let this process map at most so many megabytes more until the block ends.

    An allocation beyond that fails, whatever the library is written in. Callers report the `MemoryError`, or
    the library's own error, as `too_large`. A block within another, or beside it in another thread, keeps the
    first one's limit. Without /proc nothing is limited.
    """
    if not _STATUS.exists():
        yield
        return
    _BOUND.enter(megabytes << 20)
    try:
        yield
    finally:
        _BOUND.leave()


def _mapped() -> int:
    """Return the bytes of address space that this process has mapped."""
    return int(_STATUS.read_text(encoding="ascii").split()[0]) * resource.getpagesize()
