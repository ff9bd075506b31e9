"""Send again what was lost, and give up what no worker survives."""

from __future__ import annotations

import logging
from typing import Final

from registry.app.service.closing import sweep_closed
from registry.catalogue import fingerprints
from registry.catalogue.fingerprints.service import continue_refingerprinting
from registry.catalogue.media.service import sweep_blobs
from registry.core.errors import Unavailable
from registry.core.service import Service
from registry.identity import accounts
from registry.jobs import Job
from registry.jobs.service.handlers import clean_up, lock_subject
from registry.jobs.service.jobs import give_up
from registry.jobs.service.queue import is_steady, wake_workers
from registry.jobs.store import jobs
from registry.lineage.service import relate_backlog
from registry.matching import abuse
from registry.sharing.hma.service.signals import KEPT_SECONDS
from registry.sharing.hma.store import hashings
from registry.transparency.credentials import store as assertions

log = logging.getLogger(__name__)

MESSAGE = "The worker died of this each time it was tried."
DONE_DAYS: Final = 1
FAILED_DAYS: Final = 30
"""For so long jobs are kept that ended."""


def sweep(service: Service) -> int:
    """Wake jobs whose message was lost or whose worker went silent; how many. Write those for entries whose
    relatives nobody has looked for.

    A job that has been tried `max_attempts` times is a dead letter, with its last error or the code
    `worker_lost`. After a pause of the database nobody is believed dead until those who live had time to say
    so (`note_pause`).
    """
    tries, lease = service.settings.max_attempts, service.settings.lease_seconds
    with service.pool.transaction() as connection:
        spent = jobs.spent(connection, lease=lease, max_attempts=tries) if is_steady(connection) else []
    for job, code, message in spent:
        _bury(service, job, code or "worker_lost", message or MESSAGE)
    empty = _empty(service)
    with service.pool.transaction() as connection:
        steady = is_steady(connection)
        woken = jobs.wake(connection, lease=lease, max_attempts=tries, steady=steady, empty=empty)
    with service.pool.transaction() as connection:
        fingerprints.tidy_divisions(connection)
    with service.pool.transaction() as connection:
        jobs.forget(connection, done_days=DONE_DAYS, failed_days=FAILED_DAYS)
        hashings.forget(connection, seconds=KEPT_SECONDS)
        abuse.forget_old(connection)
        accounts.delete_expired(connection)
        assertions.forget(connection)
    sweep_closed(service)
    relate_backlog(service)
    continue_refingerprinting(service)
    wake_workers(service)
    try:
        sweep_blobs(service)
    except Unavailable as error:
        log.warning("media that nothing needs is let go later: %s", error.message)
    return woken


def _empty(service: Service) -> list[str]:
    """Queues on which jobs wait and of which the broker holds no message: it has lost them. Of a queue that
    has no leader RabbitMQ says so too."""
    tries, lease = service.settings.max_attempts, service.settings.lease_seconds
    with service.pool.transaction() as connection:
        waiting = jobs.waiting_queues(connection, lease=lease, max_attempts=tries)
    doubtful = service.publisher.held(wary=True)
    try:
        return [q for q in waiting if q not in doubtful and not service.publisher.waiting(q)]
    except Unavailable:
        return []  # what it holds is told when it is back


def _bury(service: Service, job: Job, code: str, message: str) -> None:
    with service.pool.transaction() as connection:
        lock_subject(connection, job)
        if not jobs.hold_spent(connection, job, lease=service.settings.lease_seconds):
            return
        give_up(connection, job, code, message, dead=True)
    log.warning("job given up", extra={"code": code, "task": job.task, "job_id": str(job.job_id)})
    clean_up(service, job)
