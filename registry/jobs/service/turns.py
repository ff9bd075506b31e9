"""Turns of callers with the files that somebody waits for."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final
from uuid import UUID

from registry.core.errors import Unavailable
from registry.core.service import Service
from registry.jobs.service import jobs as held
from registry.jobs.service.queue import wake_workers
from registry.jobs.store import jobs, turns
from registry.jobs.store.jobs import Job

TRIES: Final = 20
"""Most jobs that other workers may claim first while a worker looks for its next."""


def claim_in_turn(
    service: Service, job_id: UUID | None, queue: str, tasks: Collection[str], *, processes: int = 1
) -> Job | None:
    """Claim the job whose turn it is among these tasks on a queue; if none waits, the job of the message from
    a worker that is gone. `job_id`: None if the message is about another task.

    A message says only that a job waits, and there is one for each. So the order of messages is not that of
    the jobs: callers and organizations take turns, by the time that their files took (fair queueing).

    The last free one of a pool's `processes` is for an organization that runs nothing on the queue. So no
    organization keeps the others waiting. None if there is nothing to do, as in `claim_job`.
    """
    most = service.settings.max_attempts
    for _ in range(TRIES):
        with service.leases.transaction() as connection:
            last = processes > 1 and turns.is_last(connection, queue, held.pool_name(), processes)
            chosen = turns.next_in_turn(connection, queue, tasks, max_attempts=most, last=last)
            if (candidate := chosen or job_id) is None:
                return None
            job = held.claim(service, connection, candidate, waiting=chosen is not None)
        if job is not None or chosen is None:
            return job
    return None


def gives_way(service: Service, job: Job, tasks: Collection[str]) -> bool:
    """Return whether a running job gives way to a caller that waits, runs none and took less time lately.
    False if the database is away."""
    try:
        with service.pool.transaction() as connection:
            return turns.gives_way(connection, job, tasks, max_attempts=service.settings.max_attempts)
    except Unavailable:
        return False


def hand_over(service: Service, job: Job) -> None:
    """End a job, and put its work at the end of the queue `media`; of `bulk`, if it had its turn on `media`
    too, or many files of its organization are there already.

    Raises `Conflict` (`lease_lost`) if another worker has the job.
    """
    with service.pool.transaction() as connection:
        jobs.hold(connection, job)
        turns.move(connection, job, most=service.settings.bulk_after)
    wake_workers(service)
