"""Say that a worker may be gone before its work is done, and that the work is not why."""

from __future__ import annotations

from registry.core.service import Service
from registry.jobs.service.fail_job import most_deferrals
from registry.jobs.store import leases
from registry.jobs.store.jobs import Job


def spare_attempt(service: Service, job: Job) -> None:
    """Give the attempt back that this worker is at: it was told to end. It goes on as long as it is let; a
    job that ends its workers without their being told is counted as ever. So is one that was deferred as
    often as may be: a machine that runs out of memory tells its workers to end, and it may be the job that
    takes it, each time anew. Raises `Conflict` (code `lease_lost`)."""
    if job.deferrals >= most_deferrals(service, job):
        return
    with service.pool.transaction() as connection:
        leases.spare(connection, job)
