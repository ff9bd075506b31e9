"""Take a job."""

from __future__ import annotations

import os
import socket
from typing import Final
from uuid import UUID

from registry.core.service import Service
from registry.jobs.store import jobs
from registry.jobs.store.jobs import Job

_HOST: Final = socket.gethostname()[:150]


def claim_job(service: Service, job_id: UUID) -> Job | None:
    """The job under a lease, or None where there is nothing to do: done, not due, another's or spent."""
    with service.pool.transaction() as connection:
        return jobs.claim(
            connection,
            job_id,
            lease=service.settings.lease_seconds,
            max_attempts=service.settings.max_attempts,
            worker=f"{_HOST}:{os.getpid()}",
        )
