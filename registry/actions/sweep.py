"""Send again what was lost, and give up what no worker survives."""

from __future__ import annotations

from registry.actions.fail_job import give_up
from registry.actions.relay_outbox import wake_workers
from registry.actions.service import Service
from registry.store import jobs
from registry.store.jobs import Job

MESSAGE = "The worker died on this file each time it was tried."


def sweep(service: Service) -> int:
    """Wake jobs whose message was lost or whose worker went silent; how many.

    A job that has been tried `max_attempts` times fails with code `worker_lost`.
    """
    tries = service.settings.max_attempts
    with service.pool.transaction() as connection:
        for row in jobs.spent(connection, max_attempts=tries):
            job = Job(**row, attempts=tries, blob_key=None, filename="")
            give_up(connection, job, "worker_lost", MESSAGE)
        woken = jobs.wake(connection, patience=service.settings.lease_seconds * 1.5, max_attempts=tries)
    wake_workers(service)
    return woken
