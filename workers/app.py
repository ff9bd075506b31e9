"""The Celery app of the workers, and the setup of each of its processes.

`fakeprint worker` loads the task modules of its queues only, so the process that relays messages never loads
a model. Log lines of tasks carry their ids. A pool process ends with the worker that started it.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Mapping
from importlib import import_module
from math import inf
from typing import Any, Final

from celery import Celery, signals

from registry.app.wiring import wire
from registry.core import logs
from registry.core.http import malloc
from registry.core.messaging import queues
from registry.core.messaging.broker import celery_config
from registry.core.service import Service, open_service
from registry.core.settings import settings
from workers.runtime import shutdown

_IN_TURN: Final = (
    "workers.tasks.answer_lookup",
    "workers.tasks.hash_file",
    "workers.tasks.make_previews",
)
_ON_MEDIA: Final = (
    "workers.tasks.fingerprints",
    "workers.tasks.relate_entry",
    "workers.tasks.read_photo",
    "workers.tasks.fetch_exchange",
    "workers.tasks.answer_watches",
    *_IN_TURN,  # files that take long
)
MODULES: Final[Mapping[str, tuple[str, ...]]] = {
    queues.INTERACTIVE: _IN_TURN,
    queues.MEDIA: _ON_MEDIA,
    queues.BULK: _ON_MEDIA,
    queues.CONTROL: (
        "workers.tasks.relay",
        "workers.tasks.sweep",
        "workers.tasks.ask_canaries",
        "workers.tasks.sweep_persons",
        "workers.tasks.outdate_relatives",
        "workers.tasks.fetch_due_exchanges",
        "workers.tasks.events",
        "workers.tasks.watch_notices",
    ),
    queues.DELIVERY: (
        "workers.tasks.delivery",
        "workers.tasks.follow_sighting",
        "workers.tasks.stamp_ledger",
    ),
}
"""Task modules of each queue."""

LEAN_SECONDS: Final = 5.0
"""Seconds between two returns of free memory to the system, after a task of a pool process. Without them, the
heap of a process with only small jobs drifts by some MB for hours. A process that has read a file keeps 18
MB."""
RECYCLE_MB: Final = 1500
"""A pool process that once needed this much memory is replaced after its task."""
ENROL_TIMEOUT_MS: Final = 120_000
"""Longest statement of a worker, which stores the frames of hours at once."""

app = Celery("fakeprint-workers", set_as_current=False)
app.conf.update(celery_config(settings()))
app.conf.worker_max_memory_per_child = RECYCLE_MB * 1024

_main: int = os.getpid()
"""The worker itself. Its pool's processes and its beat are forked from it."""
_services: dict[int, Service] = {}
_opening: Final = threading.Lock()


def task[**P](name: str) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """Register a function as the task of that name."""
    register: Callable[[Callable[P, None]], Callable[P, None]] = app.task(name=name)
    return register


def service() -> Service:
    """Return this process's connections, opened on first use and never shared over a fork."""
    pid = os.getpid()
    with _opening:  # several threads send messages
        if pid not in _services:
            _services[pid] = _open()
        return _services[pid]


def _open() -> Service:
    own = settings().model_copy(
        update={
            "pool_size": 2,  # one for the task, one for its lease; messages take turns
            "statement_timeout_ms": max(settings().statement_timeout_ms, ENROL_TIMEOUT_MS),
        }
    )
    wire()
    return open_service(own, leases=True)


def close_service() -> None:
    """Close this process's connections."""
    if (closing := _services.pop(os.getpid(), None)) is not None:
        closing.close()


def end_with_worker(*, every: float = 0.5) -> None:
    """End this process when the worker that forked it is gone, checking every `every` seconds.

    The kernel's own signal (PR_SET_PDEATHSIG) follows the forking thread. The pool replaces its processes
    from a thread that ends first in a warm shutdown, so that signal would end them too early.
    """

    def watch() -> None:
        while os.getppid() == _main:
            time.sleep(every)
        os._exit(1)

    threading.Thread(target=watch, name="end-with-worker", daemon=True).start()


def _log(**_: Any) -> None:
    logs.configure(settings())
    for name in ("celery.worker.strategy", "celery.app.trace", "celery.beat"):
        # One line per message, several a second. A task writes its own.
        logging.getLogger(name).setLevel(logging.WARNING)


def _begin_worker(**_: Any) -> None:
    global _main  # noqa: PLW0603 - once a process, which may be forked from one that loaded this module
    _main = os.getpid()
    shutdown.begin()


def _begin_process(**_: Any) -> None:
    if os.getpid() == _main:  # the solo pool sends this signal too, in the worker itself
        return
    end_with_worker()
    # Imported by name: the process that relays messages has no pool, and needs none of it.
    import_module("workers.walls.kernel").limit_memory(settings().worker_memory_mb)
    import_module("workers.hashers.videohash").sweep()


def _end_process(**_: Any) -> None:
    close_service()


def _begin_beat(**_: Any) -> None:
    end_with_worker()


def _begin_task(task_id: str, task: Any, **_: Any) -> None:
    logs.bind(task_id=task_id, task=task.name)


class Leanness:
    """Returns free memory of a pool process to the system, but not after each of many small tasks."""

    def __init__(self, every: float = LEAN_SECONDS, now: Callable[[], float] = time.monotonic) -> None:
        self._every, self._now = every, now
        self._again = -inf

    def give_back(self) -> bool:
        """Return free memory unless that happened less than `every` seconds ago. Return True if it happened
        now."""
        if self._now() < self._again:
            return False
        malloc.return_memory()
        self._again = self._now() + self._every
        return True


_lean: Final = Leanness()


def _end_task(**_: Any) -> None:
    logs.bind(task_id=None, task=None, job_id=None)
    if os.getpid() != _main:  # the worker itself does so in its loop (`workers.runtime.heartbeat.Lean`)
        _lean.give_back()


signals.setup_logging.connect(_log)
signals.celeryd_init.connect(_begin_worker)
signals.worker_process_init.connect(_begin_process)
signals.worker_process_shutdown.connect(_end_process)
signals.worker_shutting_down.connect(shutdown.request)
signals.worker_shutdown.connect(_end_process)
signals.beat_embedded_init.connect(_begin_beat)
signals.task_prerun.connect(_begin_task)
signals.task_postrun.connect(_end_task)
