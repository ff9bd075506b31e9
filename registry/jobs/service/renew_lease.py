"""Say that a worker is still alive."""

from __future__ import annotations

from registry.core.service import Service
from registry.jobs.store import jobs
from registry.jobs.store.jobs import Job


def renew_lease(service: Service, job: Job, progress: float) -> None:
    """Keep the lease and say how far the work is (0-1). Raises `Conflict` (code `lease_lost`)."""
    with service.pool.transaction() as connection:
        jobs.renew(
            connection, job, lease=service.settings.lease_seconds, progress=min(max(progress, 0.0), 1.0)
        )
