"""Memory that was held for a large request goes back to the system when it ends."""

from __future__ import annotations

import asyncio
import ctypes
import gc
from functools import lru_cache
from typing import Any, Final

RELEASED: Final = 0.1
"""Seconds after a request by which nothing but cycles holds what it was sent."""

LARGE: Final = 1 << 20
"""Bytes of a block that is the system's again as soon as it is free, and of what a thread's heap keeps."""
HEAPS: Final = 2
"""Heaps that all threads share. glibc gives each of the first eight a processor one of its own: a burst of
requests leaves one of 0.8 MB behind for each thread that it needed (measured: sixteen, over an hour). Threads
that hold Python's lock seldom allocate at once."""
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8


def bound() -> None:
    """Bound the heaps and what each keeps at its end, where `give_back` does not reach. glibc raises the
    bounds of a heap with each large block that is freed, to 64 MB. Call it before there are threads."""
    try:
        option = ctypes.CDLL("libc.so.6").mallopt
    except (OSError, AttributeError):
        return
    option(_TRIM_THRESHOLD, LARGE)
    option(_MMAP_THRESHOLD, LARGE)
    option(_ARENA_MAX, HEAPS)


def give_back_soon() -> None:
    """As `give_back`, once the request that is being answered has let go of what it was sent."""
    asyncio.get_running_loop().call_later(RELEASED, give_back)


def give_back() -> None:
    """Let go of what only cycles hold and of what is free in the heaps of all threads: milliseconds, since
    what is there from the start is left out (`api.server`). Without glibc heaps are left as they are."""
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
