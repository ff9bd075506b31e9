"""Celery's pool of processes for brokers without an event loop, whose locks outlive whoever is killed.

An idle process of billiard's blocking pool waits for work with the queue's lock in its hand, and a semaphore
that a killed process held is held for ever: whoever took its place waited for it, and the queue stood still
until somebody started the worker anew. Here the lock knows who holds it.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from typing import Any, Final, override

from billiard.context import BaseContext
from billiard.pool import Pool
from celery.concurrency import prefork

UNNAMED_SECONDS: Final = 1.0
"""Somebody who takes the lock has said so by then; who has not was killed in between."""


class HeldLock:
    """A lock between processes that names its holder."""

    def __init__(self, context: BaseContext) -> None:
        self._lock = context.Lock()
        self._holder = context.RawValue("l", 0)

    def acquire(self, block: bool = True, timeout: float | None = None) -> bool:
        """As billiard's own."""
        taken = bool(self._lock.acquire(block, timeout))
        if taken:
            self._holder.value = os.getpid()
        return taken

    def release(self) -> None:
        """As billiard's own."""
        self._holder.value = 0
        self._lock.release()

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()

    def free(self, living: Collection[int]) -> bool:
        """Take it from a holder who is none of the `living`; whether it was so."""
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
    """Frees the locks of its queues from processes that have died before others take their place."""

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
    """Celery's `prefork`."""

    BlockingPool = FreeingPool
