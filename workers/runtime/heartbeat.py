"""Heartbeat of a worker: it touches a file while its event loop runs, for the supervisor that restarts
workers.

A worker whose beat process has died ends too: otherwise it would live on while no periodic task is sent. It
also returns unused memory to the system.
"""

from __future__ import annotations

import contextlib
import logging
import time
from heapq import heapify
from pathlib import Path
from typing import Any, Final

from celery import bootsteps
from celery.platforms import EX_FAILURE
from celery.worker import state

from registry.core.http import malloc
from registry.core.settings import settings

log = logging.getLogger(__name__)

SECONDS: Final = 5.0
"""Seconds between two touches."""
BEAT_SECONDS: Final = 1.0
"""Seconds between two checks of the beat process."""
LEAN_SECONDS: Final = 60.0
"""Seconds between two returns of free memory; each takes some hundredths of a second."""
SILENT_SECONDS: Final = 60.0
"""Seconds without a touch after which a worker counts as dead. The loop is never blocked nearly so long while
no task runs."""


def file_of(queues: str) -> Path:
    """Return the file in the data folder of the worker for these queues (`interactive+media`)."""
    return settings().data / "alive" / queues


def worker_file(hostname: object) -> Path:
    """Return the file of the worker with this name (`interactive+media@host`)."""
    return file_of(str(hostname).partition("@")[0])


def touch(file: Path) -> None:
    """Touch the heartbeat file."""
    with contextlib.suppress(OSError):  # a full disk or one of another user is no reason to stop working
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file.touch()


def silent_for(queues: str) -> float | None:
    """Return the seconds since that worker last touched its file; None: it never did."""
    try:
        return max(0.0, time.time() - file_of(queues).stat().st_mtime)
    except OSError:
        return None


def busy() -> bool:
    """Tell whether a task is running that may still take its time.

    Without an event loop, or with one task at a time, the loop may rightly wait for it.
    """
    limit, now = settings().task_time_limit, time.time()
    try:
        return any(now - (request.time_start or now) < limit for request in state.active_requests)
    except RuntimeError:  # a task began or ended just now
        return True


class Heartbeat(bootsteps.StartStopStep):  # type: ignore[misc]  # Celery has no types
    """Touches the file on the worker's event loop, and removes it when the worker ends normally.

    If the broker has no event loop, Celery's timer is a thread, which would keep reporting a worker whose
    main thread hangs. The timer then asks the main thread to touch the file, unless a running task may be
    blocking it.
    """

    # Stop the heartbeat before the pool is waited for.
    requires: Final = {"celery.worker.components:Timer", "celery.worker.components:Pool"}

    def __init__(self, worker: Any, **_: Any) -> None:
        self._file = worker_file(worker.hostname)
        self._again: Any = None
        self._asked = self._stopped = False

    def start(self, worker: Any) -> None:
        self._touch()
        self._again = worker.timer.call_repeatedly(SECONDS, self._ask, (worker,), priority=10)

    def stop(self, _worker: Any) -> None:
        if self._again is not None:
            self._again.cancel()
        self._stopped = True  # calls queued on the loop still run while it closes
        with contextlib.suppress(OSError):
            self._file.unlink(missing_ok=True)

    def _ask(self, worker: Any) -> None:
        if worker.use_eventloop or busy():
            self._touch()
        elif not self._asked:
            self._asked = True
            worker.consumer.call_soon(self._answer)

    def _answer(self) -> None:
        self._asked = False
        self._touch()

    def _touch(self) -> None:
        if not self._stopped:
            touch(self._file)


class Beating(bootsteps.StartStopStep):  # type: ignore[misc]  # as above
    """Checks that the process that sends the periodic tasks still runs.

    Celery starts it, and would go on without it. Then nothing would be relayed, swept, delivered or recorded
    any more, and nobody would see why.
    """

    requires: Final = {"celery.worker.components:Timer"}

    def __init__(self, _worker: Any, **_: Any) -> None:
        self._again: Any = None

    def start(self, worker: Any) -> None:
        if worker.beat is not None:
            self._again = worker.timer.call_repeatedly(BEAT_SECONDS, self._look, (worker.beat,), priority=10)

    def stop(self, _worker: Any) -> None:
        if self._again is not None:
            self._again.cancel()

    def _look(self, beat: Any) -> None:
        if beat.pid is not None and not beat.is_alive() and not state.should_stop:
            log.error("the beat has ended; this worker ends too, to be started again with it")
            state.should_stop = EX_FAILURE


class Lean(bootsteps.StartStopStep):  # type: ignore[misc]  # as above
    """Drops tasks that have ended, and returns free heap memory to the system.

    Batches (of the ledger's leaves, for example) vary in size. Otherwise a process that lives for months
    would keep the memory of the largest one.
    """

    requires: Final = {"celery.worker.components:Timer"}

    def __init__(self, _worker: Any, **_: Any) -> None:
        self._again: Any = None

    def start(self, worker: Any) -> None:
        self._again = worker.timer.call_repeatedly(LEAN_SECONDS, self._look, (worker,), priority=10)

    def stop(self, _worker: Any) -> None:
        if self._again is not None:
            self._again.cancel()

    def _look(self, worker: Any) -> None:
        if worker.use_eventloop:
            drop_cancelled(worker.timer)
        malloc.return_memory()


def drop_cancelled(timer: Any) -> None:
    """Remove cancelled entries from a kombu timer. Call it on the timer's own thread.

    The timer keeps them until their time has come: the time limit of each task that ended long before, half a
    kB for hours.
    """
    waiting = [entry for entry in timer._queue if not entry[2].canceled]  # noqa: SLF001 - there is no other way in
    heapify(waiting)
    timer._queue[:] = waiting  # noqa: SLF001 - as above
