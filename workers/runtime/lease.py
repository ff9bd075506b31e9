"""Renew the lease of a job while the work goes on, so that only a dead worker's job is taken over."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from typing import Final

from registry.core.errors import Conflict, FakeprintError
from registry.core.service import Service
from registry.jobs import Job
from registry.jobs.errors import LeaseLost
from registry.jobs.model import lease
from registry.jobs.service.jobs import refund_attempt, renew_lease
from workers.runtime import shutdown

log = logging.getLogger(__name__)

LOST: Final = "lease_lost"

Progress = Callable[[float], None]
"""Reports the share of the work that is done, 0-1. Raises `Conflict` (code `lease_lost`) if the lease is
lost."""


@contextmanager
def kept(service: Service, job: Job) -> Iterator[Progress]:
    """Renew the lease of `job` in a thread until the block ends.

    If the database is down for a moment, that is only logged; fencing prevents double writes. Once the worker
    is told to shut down, this attempt no longer counts: the worker may be killed before the work is done.
    """
    pause = lease.pause(service.settings.lease_seconds)
    done, lost = threading.Event(), threading.Event()
    share = 0.0

    def progress(now: float) -> None:
        nonlocal share
        share = now
        if lost.is_set():
            raise LeaseLost

    def renew() -> None:
        spared = False
        while not done.wait(pause):
            try:
                renew_lease(service, job, share)
                if shutdown.requested() and not spared:
                    refund_attempt(service, job)
                    spared = True
            except Conflict:
                lost.set()
                return
            except FakeprintError as error:
                log.warning("the lease could not be renewed: %s", error.message)

    thread = threading.Thread(target=copy_context().run, args=(renew,), name="lease", daemon=True)
    thread.start()
    try:
        yield progress
    finally:
        done.set()
        thread.join()
