"""A worker that sweeps says all the while that the database takes writes, as others renew their leases.

It does one thing at a time, and some take long: a bucket is listed, a hundred canaries are asked. Said
between these alone, each would look like a pause of the database, after which nobody is believed dead. Nor
would it say of itself that it lives (`alive`).
"""

from __future__ import annotations

import logging
import threading
from typing import Any, Final

from celery import bootsteps

from registry.core.errors import FakeprintError
from registry.core.settings import settings
from registry.jobs.model import lease
from registry.jobs.service.queue import note_pause
from workers.app import service
from workers.runtime import heartbeat as alive

log = logging.getLogger(__name__)


class Liveness(bootsteps.StartStopStep):  # type: ignore[misc]  # Celery has no types
    """Says so from a thread of its own."""

    requires: Final = {"celery.worker.components:Beat"}  # which is forked, before there is a thread

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
                note_pause(service())
            except FakeprintError:
                pass  # the pause shows; the next sweep says that the database is away
            except Exception:
                log.exception("nobody said that the database takes writes")
