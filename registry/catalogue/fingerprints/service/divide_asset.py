"""Have a long video read in segments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from registry.catalogue.fingerprints.store import segments
from registry.core.service import Service
from registry.jobs.service.relay_outbox import wake_workers
from registry.jobs.store import jobs
from registry.jobs.store.jobs import Job


def divide_asset(
    service: Service,
    job: Job,
    plan: Mapping[str, Any],
    tasks: Sequence[tuple[Mapping[str, Any], float]],
) -> None:
    """Write the segments and their jobs, and end the job of the asset: the last segment asks for it again.
    `plan` and `tasks` are the workers' own form; each task with its share of the work, 0-1.

    Raises `Conflict` (`lease_lost`) where another worker has the job.
    """
    with service.pool.transaction() as connection:
        segments.divide(connection, job, plan, tasks)
        jobs.hold(connection, job)
        jobs.finish(connection, job)
    wake_workers(service)
