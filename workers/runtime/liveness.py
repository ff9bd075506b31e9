"""A sweeping worker records continuously that the database accepts writes, as other workers do by their
leases.

It does one thing at a time, and some tasks take long, such as listing a bucket or checking a hundred
canaries. If it recorded only between tasks, each would look like a pause of the database, after which no
worker is declared dead. Its own heartbeat file would not be touched either (`workers.runtime.heartbeat`).
"""

from __future__ import annotations

import logging
import threading
from typing import Any, Final

from celery import bootsteps

from registry.core.errors import FakeprintError
from registry.core.settings import settings
from registry.jobs.model import lease
from registry.jobs.service.queue import record_writable
from workers.app import service
from workers.runtime import heartbeat as alive

log = logging.getLogger(__name__)


class Liveness(bootsteps.StartStopStep):  # type: ignore[misc]  # Celery has no types
    """Records it from its own thread."""

    requires: Final = {"celery.worker.components:Beat"}  # beat is forked, so before any thread starts

    def __init__(self, worker: Any, **_: Any) -> None:
        self._file = alive.worker_file(worker.hostname)
        self._done = threading.Event()

    def start(self, _worker: Any) -> None:
        threading.Thread(target=self._say, name="steady", daemon=True).start()

    def stop(self, _worker: Any) -> None:
        self._done.set()

    def _say(self) -> None:
        pause = lease.pause(settings().lease_seconds)
        while not self._done.wait(pause):
            if alive.busy():
                alive.touch(self._file)
            try:
                record_writable(service())
            except FakeprintError:
                pass  # the pause shows; the next sweep reports that the database is down
            except Exception:
                log.exception("nobody said that the database takes writes")
