"""A worker says that it lives: it touches a file as long as its event loop turns, for whoever restarts it.
One whose beat has died ends, lest it live on while nothing that comes each second is done. And it keeps no
memory that it does not need."""

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
"""Between two touches."""
BEAT_SECONDS: Final = 1.0
"""Between two looks at the beat."""
LEAN_SECONDS: Final = 60.0
"""Between two looks at what memory is free: each takes some hundredths of a second."""
SILENT_SECONDS: Final = 60.0
"""Without one, a worker counts as dead. Far more than the loop is ever held up while no task is under way."""


def file_of(queues: str) -> Path:
    """The file of the worker that takes these queues (`interactive+media`), in the data folder."""
    return settings().data / "alive" / queues


def worker_file(hostname: object) -> Path:
    """That of the worker of this name (`interactive+media@host`)."""
    return file_of(str(hostname).partition("@")[0])


def touch(file: Path) -> None:
    """Say that the worker lives."""
    with contextlib.suppress(OSError):  # a full or foreign disk is no reason to stop working
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file.touch()


def silent_for(queues: str) -> float | None:
    """Seconds since that worker last said that it lives; None: it never did."""
    try:
        return max(0.0, time.time() - file_of(queues).stat().st_mtime)
    except OSError:
        return None


def busy() -> bool:
    """Whether a task is under way that may take its time still. Where there is no event loop, or one thing is
    done at a time, the loop may wait for it, and is as it should be."""
    limit, now = settings().task_time_limit, time.time()
    try:
        return any(now - (request.time_start or now) < limit for request in state.active_requests)
    except RuntimeError:  # one began or ended just now
        return True


class Heartbeat(bootsteps.StartStopStep):  # type: ignore[misc]  # Celery has no types
    """Touches the file on the worker's event loop, and removes it when the worker ends in good order.

    Where the broker has no such loop, Celery's timer is a thread, which would say that a worker lives whose
    own thread stands still: there it asks that one, unless a task is under way, for which it may wait.
    """

    # Before the pool is waited for, it says no longer that it lives.
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
        self._stopped = True  # what was asked of the loop is done as it closes
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
    """Looks whether the process that sends the periodic tasks still runs. Celery starts it, and would go on
    without it: nothing would be relayed, swept, told or put on record any more, and nobody would see why."""

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
    """Lets go of tasks that have ended, and gives memory back to the system that is free in the heap. Batches
    (of the ledger's leaves, say) come in sizes, and what the largest of them took would stay with a process
    that lives for months."""

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
            forget_cancelled(worker.timer)
        malloc.give_back()


def forget_cancelled(timer: Any) -> None:
    """Take what was cancelled out of a timer of kombu's, which keeps it until its time has come: the time
    limit of each task that ended long before, half a kB for hours. Call it on the timer's own thread."""
    waiting = [item for item in timer._queue if not item[2].canceled]  # noqa: SLF001 - there is no other way in
    heapify(waiting)
    timer._queue[:] = waiting  # noqa: SLF001 - as above
