"""Send again what was lost, and give up what no worker survives."""

from __future__ import annotations

import logging

from registry.actions.fail_job import FORGETS, give_up, lock_subject
from registry.actions.forget_blob import forget_blob
from registry.actions.hash_file import KEPT_SECONDS
from registry.actions.refingerprint import continue_refingerprinting
from registry.actions.relate_backlog import relate_backlog
from registry.actions.relay_outbox import wake_workers
from registry.actions.service import Service
from registry.actions.sweep_blobs import sweep_blobs
from registry.actions.sweep_closed import sweep_closed
from registry.errors import Unavailable
from registry.store import accounts, assertions, hashings, jobs, probing, segments
from registry.store.jobs import Job

log = logging.getLogger(__name__)

MESSAGE = "The worker died of this each time it was tried."


def sweep(service: Service) -> int:
    """Wake jobs whose message was lost or whose worker went silent; how many. Write those for entries whose
    relatives nobody has looked for.

    A job that has been tried `max_attempts` times is a dead letter, with its last error or the code
    `worker_lost`.
    """
    tries, lease = service.settings.max_attempts, service.settings.lease_seconds
    with service.pool.transaction() as connection:
        spent = jobs.spent(connection, lease=lease, max_attempts=tries)
    for job, code, message in spent:
        _bury(service, job, code or "worker_lost", message or MESSAGE)
    with service.pool.transaction() as connection:
        woken = jobs.wake(connection, lease=lease, max_attempts=tries)
    with service.pool.transaction() as connection:
        segments.tidy(connection)
    with service.pool.transaction() as connection:
        hashings.forget(connection, seconds=KEPT_SECONDS)
        probing.forget(connection)
        accounts.tidy(connection)
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


def _bury(service: Service, job: Job, code: str, message: str) -> None:
    with service.pool.transaction() as connection:
        lock_subject(connection, job)
        if not jobs.hold_spent(connection, job, lease=service.settings.lease_seconds):
            return
        give_up(connection, job, code, message, dead=True)
    if job.task in FORGETS:
        forget_blob(service, job.blob_key)
