"""malloc tuning: return the memory of large requests to the operating system."""

from __future__ import annotations

import asyncio
import ctypes
import gc
from functools import lru_cache
from typing import Any, Final

RELEASE_DELAY: Final = 0.1
"""Seconds after a request at which only reference cycles still hold its data."""

LARGE: Final = 1 << 20
"""Blocks of this many bytes or more are returned to the system when freed. A thread's heap keeps at most this
many free bytes at its end."""
HEAPS: Final = 2
"""Heaps shared by all threads. By default glibc creates up to eight a processor. A burst of requests then
leaves a heap of 0.8 MB for each thread it used (measured: sixteen, over an hour). Threads seldom allocate at
once, because they hold Python's lock."""
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8


def bound() -> None:
    """Limit the number of heaps and the free memory each keeps. `return_memory` does not cover these. glibc
    otherwise raises the limits with each large block that is freed, to 64 MB. Call it before threads
    start."""
    try:
        option = ctypes.CDLL("libc.so.6").mallopt
    except (OSError, AttributeError):
        return
    option(_TRIM_THRESHOLD, LARGE)
    option(_MMAP_THRESHOLD, LARGE)
    option(_ARENA_MAX, HEAPS)


def return_memory_soon() -> None:
    """Call `return_memory` once the current request has released its data."""
    asyncio.get_running_loop().call_later(RELEASE_DELAY, return_memory)


def return_memory() -> None:
    """Collect reference cycles and return free heap memory of all threads to the system. It takes
    milliseconds, because objects from start-up are excluded (`registry.app.api.server`). Without glibc, heaps
    are left as they are."""
    gc.collect()
    trim = _trim()
    if trim is not None:
        trim(0)


@lru_cache(maxsize=1)
def _trim() -> Any:
    try:
        return ctypes.CDLL("libc.so.6").malloc_trim
    except (OSError, AttributeError):
        return None
