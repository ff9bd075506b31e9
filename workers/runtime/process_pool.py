"""Celery's process pool for brokers without an event loop, with locks that survive a killed process.

An idle process of billiard's blocking pool holds the queue's lock while it waits for work. A semaphore held
by a killed process stays taken forever. Its replacement would wait for it, and the queue would stop until the
worker is restarted. Here the lock knows its holder.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from typing import Any, Final, override

from billiard.context import BaseContext
from billiard.pool import Pool
from celery.concurrency import prefork

UNNAMED_SECONDS: Final = 1.0
"""A process that takes the lock names itself within this time. One that has not was killed in between."""


class HeldLock:
    """A lock between processes that names its holder."""

    def __init__(self, context: BaseContext) -> None:
        self._lock = context.Lock()
        self._holder = context.RawValue("l", 0)

    def acquire(self, block: bool = True, timeout: float | None = None) -> bool:
        """As in billiard's lock."""
        acquired = bool(self._lock.acquire(block, timeout))
        if acquired:
            self._holder.value = os.getpid()
        return acquired

    def release(self) -> None:
        """As in billiard's lock."""
        self._holder.value = 0
        self._lock.release()

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()

    def free(self, living: Collection[int]) -> bool:
        """Release the lock if its holder is not among the `living`. Return True if it was released."""
        holder = self._holder.value
        if holder in living:
            return False
        if not holder:
            if self._lock.acquire(timeout=UNNAMED_SECONDS):
                self._lock.release()
                return False
            if self._holder.value:
                return False
        self.release()
        return True


class FreeingPool(Pool):  # type: ignore[misc]  # billiard has no types
    """Releases the locks held by dead processes before it replaces them."""

    @override
    def _setup_queues(self) -> None:
        super()._setup_queues()
        self._inqueue._rlock = self._taking = HeldLock(self._ctx)  # noqa: SLF001 - there is no other way in
        self._outqueue._wlock = self._giving = HeldLock(self._ctx)  # noqa: SLF001

    @override
    def _repopulate_pool(self, exitcodes: Any) -> None:
        if exitcodes:
            living = {os.getpid(), *(process.pid for process in self._pool)}
            for lock in (self._taking, self._giving):
                lock.free(living)
        super()._repopulate_pool(exitcodes)


class TaskPool(prefork.TaskPool):  # type: ignore[misc]  # Celery has no types
    """Celery's `prefork` pool with `FreeingPool`."""

    BlockingPool = FreeingPool
