"""Shutdown of a worker: the running task is finished, and nothing else is begun.

Processes of its pool do not get the signal. They check a byte that they share with the worker.
"""

from __future__ import annotations

import mmap
from typing import Any

_SHARED = mmap.mmap(-1, 1)
"""Mapped before the pool's processes are forked, so that all see the same byte."""


def begin() -> None:
    """Map another byte: workers forked from one process do not end together."""
    global _SHARED  # noqa: PLW0603 - once a process
    _SHARED = mmap.mmap(-1, 1)


def request(**_: Any) -> None:
    """Announce the shutdown: a handler of Celery's signal, in the worker itself."""
    _SHARED[0] = 1


def requested() -> bool:
    """Tell whether the worker was told to shut down."""
    return bool(_SHARED[0])
