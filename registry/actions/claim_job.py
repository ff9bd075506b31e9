"""Take a job."""

from __future__ import annotations

from uuid import UUID

from registry.actions.service import Service
from registry.store import jobs
from registry.store.jobs import Job


def claim_job(service: Service, job_id: UUID) -> Job | None:
    """The job under a lease, or None where there is nothing to do: done, held by another, or spent."""
    with service.pool.transaction() as connection:
        return jobs.claim(
            connection,
            job_id,
            lease=service.settings.lease_seconds,
            max_attempts=service.settings.max_attempts,
        )
