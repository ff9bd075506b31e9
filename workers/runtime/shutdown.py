"""Whether this worker has been told to end: what it does now is done to its end, nothing else is begun.

The processes of its pool hear nothing of the signal; they look at a byte that they share with it.
"""

from __future__ import annotations

import mmap
from typing import Any, Final

_SHARED: Final = mmap.mmap(-1, 1)
"""Mapped before the pool's processes are forked, so that all see the same byte."""


def tell(**_: Any) -> None:
    """End: as a handler of Celery's signal, in the worker itself."""
    _SHARED[0] = 1


def told() -> bool:
    """Whether it has been."""
    return bool(_SHARED[0])
