"""A job could not be done."""

from __future__ import annotations

import logging
import random
from typing import Final

from registry.core import backoff
from registry.core.database.pool import Connection
from registry.core.errors import FakeprintError, Unavailable
from registry.core.service import Service
from registry.jobs.model import lease
from registry.jobs.service.handlers import HANDLERS, Failure, clean_up, lock_subject
from registry.jobs.store import jobs, leases
from registry.jobs.store.jobs import Job

OF_THE_STORE: Final = frozenset({"blob_corrupt", "media_gone"})
"""Codes that are told like the media's own faults, and are the deployment's: what was read of such media is
worth nothing."""
_NOT_THE_MEDIAS: Final = OF_THE_STORE | {"timed_out"}
_ONCE_MORE: Final = frozenset({"timed_out", "too_large"})
"""What its worker may have been the cause of, where a segment meets it: its size was chosen to fit."""

log = logging.getLogger(__name__)


def fail_job(service: Service, job: Job, error: FakeprintError) -> None:
    """Record why. What may pass by itself (`Unavailable`) is tried again later, ever more rarely and
    `max_deferrals` times at most, and counts as no attempt: a store that is away for an hour loses nothing.
    A segment of a long video that meets an error not its media's is begun again alone, `max_attempts` times
    in all (twice where it took too long, or too much memory).
    Anything else fails for good: the task's handler writes the reason to the asset and its entries, or to the
    lookup; what is not the media's own fault is a dead letter beside that (`list_jobs`). An entry whose
    relatives could not be looked for goes on answering; the sweeper asks for it again later.

    Raises `Conflict` (`lease_lost`) where another worker has the job.
    """
    with service.pool.transaction() as connection:
        lock_subject(connection, job)
        jobs.hold(connection, job)
        if isinstance(error, Unavailable) and job.deferrals + 1 < most_deferrals(service, job):
            jobs.defer(connection, job, error.code, error.message, delay=_delay(job))
            log.info("job deferred", extra={"code": error.code, "task": job.task})
            return
        if HANDLERS[job.task].tried_alone and job.attempts < _tries(service, error):
            again = lease.FIRST_DEFERRAL
            leases.give_back(connection, job.job_id, error.code, error.message, delay=again)
            log.warning("segment tried again", extra={"code": error.code, "attempt": job.attempts})
            return
        dead = error.status >= 500 or error.code in _NOT_THE_MEDIAS
        give_up(connection, job, error.code, error.message, dead=dead)
    log.info("job failed", extra={"code": error.code, "task": job.task, "job_id": str(job.job_id)})
    clean_up(service, job)


def most_deferrals(service: Service, job: Job) -> int:
    """How often it may be deferred: what it needs was away, or its worker was told to end."""
    settings = service.settings
    return settings.max_attempts if HANDLERS[job.task].awaited else settings.max_deferrals


def _tries(service: Service, error: FakeprintError) -> int:
    """How often a segment is begun that meets this."""
    most = service.settings.max_attempts
    if error.code in _ONCE_MORE:
        return min(most, 2)
    return most if error.status >= 500 and not isinstance(error, Unavailable) else 1


def _delay(job: Job) -> float:
    """Seconds until it is tried again."""
    draw = random.random()  # noqa: S311 - a spread, no secret
    first, longest = lease.FIRST_DEFERRAL, lease.LONGEST_DEFERRAL
    return backoff.delay(job.deferrals + 1, draw, first=first, longest=longest)


def give_up(connection: Connection, job: Job, code: str, message: str, *, dead: bool) -> None:
    """Fail a job and its subject, in the caller's transaction, after locking the subject and then the job.
    `dead`: it is a dead letter, for whoever runs the deployment, unless somebody waits for the answer."""
    handler = HANDLERS[job.task]
    failure = Failure(code, message, dead and not handler.awaited)
    jobs.fail(connection, job.job_id, code, message, dead=failure.dead)
    if handler.fail:
        handler.fail(connection, job, failure)
