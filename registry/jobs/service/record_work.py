"""Count how long a job took."""

from __future__ import annotations

import logging

from registry.core.errors import Unavailable
from registry.core.service import Service
from registry.jobs.store import work_times
from registry.jobs.store.work_times import Outcome

log = logging.getLogger(__name__)


def record_work(service: Service, task: str, outcome: Outcome, seconds: float) -> None:
    """For the metrics, in a transaction of its own, so that no job waits for another's commit. Where the
    database is away it is not counted."""
    try:
        with service.pool.transaction() as connection:
            work_times.add(connection, task, outcome, seconds)
    except Unavailable as error:
        log.debug("the job's time was not counted: %s", error.message)
