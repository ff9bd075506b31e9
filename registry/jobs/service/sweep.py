"""Send lost messages again, give up jobs that no worker survives, and delete old ones."""

from __future__ import annotations

import logging
from typing import Final

from registry.core.errors import Unavailable
from registry.core.service import Service
from registry.jobs.service.handlers import clean_up, lock_subject
from registry.jobs.service.jobs import fail_with_subject
from registry.jobs.service.queue import is_steady
from registry.jobs.store import jobs
from registry.jobs.store.jobs import Job

log = logging.getLogger(__name__)

WORKER_LOST: Final = ("worker_lost", "The worker died of this each time it was tried.")
DONE_DAYS: Final = 1
FAILED_DAYS: Final = 30
"""Days for which done and failed jobs are kept."""


def sweep_queues(service: Service) -> int:
    """Wake jobs whose message was lost or whose worker went silent, and return how many.

    A job that was tried `max_attempts` times becomes a dead letter, with its last error or the code
    `worker_lost`. After a pause of the database no worker counts as dead until live ones had time to renew
    their leases.
    """
    tries, lease = service.settings.max_attempts, service.settings.lease_seconds
    with service.pool.transaction() as connection:
        spent = jobs.list_spent(connection, lease=lease, max_attempts=tries) if is_steady(connection) else []
    for job, code, message in spent:
        _bury(service, job, code or WORKER_LOST[0], message or WORKER_LOST[1])
    empty = _empty(service)
    with service.pool.transaction() as connection:
        steady = is_steady(connection)
        woken = jobs.wake(connection, lease=lease, max_attempts=tries, steady=steady, empty=empty)
    with service.pool.transaction() as connection:
        jobs.delete_old(connection, done_days=DONE_DAYS, failed_days=FAILED_DAYS)
    return woken


def _empty(service: Service) -> list[str]:
    """Return queues with waiting jobs of which the broker holds no message, because it lost them. RabbitMQ
    also reports no message for a queue without a leader; those are left out."""
    tries, lease = service.settings.max_attempts, service.settings.lease_seconds
    with service.pool.transaction() as connection:
        waiting = jobs.waiting_queues(connection, lease=lease, max_attempts=tries)
    doubtful = service.publisher.held(wary=True)
    try:
        return [queue for queue in waiting if queue not in doubtful and not service.publisher.waiting(queue)]
    except Unavailable:
        return []  # the next sweep tries again


def _bury(service: Service, job: Job, code: str, message: str) -> None:
    with service.pool.transaction() as connection:
        lock_subject(connection, job)
        if not jobs.hold_spent(connection, job, lease=service.settings.lease_seconds):
            return
        fail_with_subject(connection, job, code, message, dead=True)
    log.warning("job given up", extra={"code": code, "task": job.task, "job_id": str(job.job_id)})
    clean_up(service, job)
