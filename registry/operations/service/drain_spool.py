"""Record the lookups that were answered while the primary database was away."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from typing import Final

from registry.core.errors import FakeprintError
from registry.core.service import Service
from registry.matching.lookups.store import unrecorded

LOGGER = logging.getLogger(__name__)

EVERY: Final = 0.5
"""Seconds between two looks for what waits."""


def drain_spool(service: Service) -> int:
    """How many were recorded. Each is recorded once, however often this is cut off and begun again; one whose
    caller or bank is not there any more is set aside, in a file beside the spool.

    Raises `Unavailable` where the database takes none now; then all stay that were not recorded.
    """

    def take(records: Sequence[bytes]) -> list[bytes]:
        with service.pool.transaction() as connection:
            return unrecorded.record_all(connection, records)

    return service.journal.hand_over(take)


class Draining:
    """A thread that drains the spool of a process whenever the primary is there."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="drain", daemon=True)

    def start(self) -> None:
        """Begin, where there are replicas; without them nothing is spooled."""
        if self._service.replicas is not None:
            self._thread.start()

    def stop(self) -> None:
        """End after what is under way. What waits stays, for another process or `fakeprint drain`."""
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10.0)

    def _run(self) -> None:
        while not self._ending.wait(EVERY):
            try:
                self._once()
            except FakeprintError as error:
                LOGGER.warning("records of lookups wait on: %s", error.message)
            except Exception:
                LOGGER.exception("records of lookups wait on because of a bug")

    def _once(self) -> None:
        replicas = self._service.replicas
        if replicas is None or replicas.primary.is_away() or not self._service.journal.waiting():
            return
        if recorded := drain_spool(self._service):
            LOGGER.info("recorded %d lookups that were answered while the primary was away", recorded)
