"""Jobs under leases: claim, renew, settle, fail, list."""

from __future__ import annotations

import logging
import os
import random
import socket
from collections.abc import Mapping
from typing import Any, Final, Literal
from uuid import UUID

from registry.core import backoff, cursor
from registry.core.audit.service import record_event
from registry.core.database.pool import Connection
from registry.core.errors import FakeprintError, Unavailable
from registry.core.errors.blobs import MediaGone
from registry.core.service import Service
from registry.core.tally import Tally
from registry.identity.callers.errors import OrganizationClosed
from registry.identity.callers.model import Caller
from registry.identity.organizations.service.operator import require_operator
from registry.jobs import schemas
from registry.jobs.errors import JobOpen, NotFailed, UnknownJob
from registry.jobs.model import lease
from registry.jobs.model.metrics import JobCounts
from registry.jobs.service.handlers import HANDLERS, Again, Failure, clean_up, lock_subject
from registry.jobs.service.queue import wake_workers
from registry.jobs.store import dead_letters, jobs, leases, metrics
from registry.jobs.store.jobs import Job

_HOST: Final = socket.gethostname()[:150]


def pool_name() -> str:
    """Return the name of this process's pool: the host and the process that forked it."""
    return f"{_HOST}:{os.getppid()}"


def claim_job(service: Service, job_id: UUID) -> Job | None:
    """Claim a job under a lease. None if there is nothing to do: it is done, not due, held by another worker
    or out of attempts."""
    with service.leases.transaction() as connection:
        return claim(service, connection, job_id)


def claim(service: Service, connection: Connection, job_id: UUID, *, waiting: bool = True) -> Job | None:
    """Claim a job in the caller's transaction, as `claim_job`. `waiting`: False claims it only from a worker
    that is gone."""
    return jobs.claim(
        connection,
        job_id,
        lease=service.settings.lease_seconds,
        max_attempts=service.settings.max_attempts,
        worker=f"{pool_name()}:{os.getpid()}",
        waiting=waiting,
    )


def renew_lease(service: Service, job: Job, progress: float) -> None:
    """Renew the lease and record the progress (0-1). Raises `Conflict` (code `lease_lost`)."""
    with service.leases.transaction() as connection:
        jobs.renew(
            connection, job, lease=service.settings.lease_seconds, progress=min(max(progress, 0.0), 1.0)
        )


OF_THE_STORE: Final = frozenset({"blob_corrupt", "media_gone"})
"""Error codes that look like faults of the media but are faults of the deployment's store. A result read from
such media is worthless."""
_ONCE_MORE: Final = frozenset({"timed_out", "too_large"})
"""Errors of a segment that its worker may have caused: the segment's size was chosen to fit."""

log = logging.getLogger(__name__)


def fail_job(service: Service, job: Job, error: FakeprintError) -> None:
    """Record why a job failed, and decide whether it is retried.

    A temporary error (`Unavailable`) defers the job: with growing delays, at most `max_deferrals` times,
    without counting an attempt. So a store that is away for an hour loses no work.

    A segment of a long video that meets an error not caused by its media is restarted alone, `max_attempts`
    times in all (twice if it took too long or too much memory).

    All other errors are final. The task's handler writes the reason to the asset and its entries, or to the
    lookup. Errors not caused by the media also become dead letters (`list_jobs`). An entry whose search for
    relatives failed continues to answer lookups; the sweeper requests the search again later.

    Raises `Conflict` (`lease_lost`) if another worker has the job.
    """
    with service.leases.transaction() as connection:
        lock_subject(connection, job)
        jobs.hold(connection, job)
        if isinstance(error, Unavailable) and job.deferrals + 1 < most_deferrals(service, job):
            jobs.defer(connection, job, error.code, error.message, delay=_delay(job))
            log.info("job deferred", extra={"code": error.code, "task": job.task})
            return
        if HANDLERS[job.task].tried_alone and job.attempts < _tries(service, error):
            again = lease.FIRST_DEFERRAL
            leases.return_job(connection, job.job_id, error.code, error.message, delay=again)
            log.warning("segment tried again", extra={"code": error.code, "attempt": job.attempts})
            return
        dead = error.status >= 500 or error.code in OF_THE_STORE
        fail_with_subject(connection, job, error.code, error.message, dead=dead)
    log.info("job failed", extra={"code": error.code, "task": job.task, "job_id": str(job.job_id)})
    clean_up(service, job)


def most_deferrals(service: Service, job: Job) -> int:
    """How often a job may be deferred because a dependency was away or its worker was stopped."""
    settings = service.settings
    return settings.max_attempts if HANDLERS[job.task].awaited else settings.max_deferrals


def _tries(service: Service, error: FakeprintError) -> int:
    """How often a segment with this error is started."""
    most = service.settings.max_attempts
    if error.code in _ONCE_MORE:
        return min(most, 2)
    return most if error.status >= 500 and not isinstance(error, Unavailable) else 1


def _delay(job: Job) -> float:
    """Seconds until a deferred job is tried again."""
    draw = random.random()  # noqa: S311 - jitter, not a secret
    first, longest = lease.FIRST_DEFERRAL, lease.LONGEST_DEFERRAL
    return backoff.delay(job.deferrals + 1, draw, first=first, longest=longest)


def fail_with_subject(connection: Connection, job: Job, code: str, message: str, *, dead: bool) -> None:
    """Fail a job and its subject in the caller's transaction, after locking the subject and then the job.
    `dead`: leave a dead letter for the operator, unless a request waits for the result."""
    handler = HANDLERS[job.task]
    failure = Failure(code, message, dead and not handler.awaited)
    jobs.fail(connection, job.job_id, code, message, dead=failure.dead)
    if handler.fail:
        handler.fail(connection, job, failure)


def refund_attempt(service: Service, job: Job) -> None:
    """Do not count the current attempt, because this worker was told to stop. The attempt continues as long
    as the worker is allowed to. Workers that die without a stop signal still count. So do workers of a job
    that reached its limit of deferrals: on a machine out of memory, that job may be the cause each time.
    Raises `Conflict` (code `lease_lost`)."""
    if job.deferrals >= most_deferrals(service, job):
        return
    with service.pool.transaction() as connection:
        leases.refund_attempt(connection, job)


def get_job(service: Service, caller: Caller, job_id: UUID) -> schemas.Job:
    """Return one job. Needs `admin` of the operating organization. Raises `NotFound` (`unknown_job`)."""
    with service.pool.transaction() as connection:
        require_operator(connection, caller)
        return _answer(_row(connection, job_id))


def _row(connection: Connection, job_id: UUID) -> dict[str, Any]:
    row = dead_letters.get_job(connection, job_id)
    if row is None:
        raise UnknownJob
    return row


def _answer(row: Mapping[str, Any]) -> schemas.Job:
    """Return a job without its subject, which usually belongs to another organization."""
    error = {"code": row["error_code"], "message": row["error_message"] or ""} if row["error_code"] else None
    progress = round(float(row["progress"]), 3)
    return schemas.Job.model_validate({**row, "progress": progress, "error": error})


How = Literal["retried", "discarded"]


def settle_job(service: Service, caller: Caller, job_id: UUID, how: How) -> schemas.Job:
    """Settle a dead letter and return the job. `retried`: a new job with all attempts replaces it, and the
    rows that failed with it wait again. `discarded`: the job stays failed but is no longer a dead letter. The
    next sweep deletes media that was kept only for it. Needs `admin` of the operating organization, and
    records an event.

    Raises `NotFound` (`unknown_job`), `Conflict` (`not_failed`, `organization_closed`, `media_gone`,
    `job_open`).
    """
    with service.pool.transaction() as connection:
        require_operator(connection, caller)
        job = _job(connection, job_id)
        is_closed = HANDLERS[job.task].closed if how == "retried" else None
        closed = is_closed is not None and is_closed(connection, job.subject_id)
        lock_subject(connection, job)
        if not dead_letters.lock(connection, job_id):
            raise NotFailed
        if closed:
            raise OrganizationClosed(
                "The caller's organization is closed.",
                next_step="Discard the job: `fakeprint admin job discard`.",
            )
        if how == "retried":
            _retry(service, connection, job, _row(connection, job_id)["queue"])
        dead_letters.settle(connection, job_id, how, caller.caller_id)
        record_event(connection, caller, f"job.{how}", subject={"job_id": job_id}, said={"task": job.task})
        settled = _answer(_row(connection, job_id))
    if how == "retried":
        wake_workers(service)
    return settled


def _job(connection: Connection, job_id: UUID) -> Job:
    row = _row(connection, job_id)
    return Job(job_id, row["task"], row["subject_id"], 0, row["attempts"], None, "")


def _retry(service: Service, connection: Connection, job: Job, queue: str) -> None:
    handler = HANDLERS[job.task]
    again = Again.ENQUEUE if handler.keeps_media else Again.GONE
    if handler.retry:
        again = handler.retry(service, connection, job)
    if again is Again.GONE:
        raise MediaGone(
            "The media of this job is no longer kept.",
            next_step="The sender has to send it again. Then discard the job: `fakeprint admin job discard`.",
        )
    if again is Again.DONE:
        return
    if jobs.enqueue(connection, job.task, job.subject_id, bulk=queue == "bulk") is None:
        raise JobOpen


def count_jobs(service: Service, caller: Caller) -> JobCounts:
    """Count jobs. Needs `admin` of the operating organization."""
    with service.pool.transaction() as connection:
        require_operator(connection, caller)
        return JobCounts(
            queues=metrics.queue_depths(connection),
            open=metrics.task_depths(connection),
            dead=metrics.dead_letters(connection),
            outbox=metrics.backlog(connection),
        )


def count_dead_letters(service: Service, caller: Caller) -> Tally:
    """Count the unsettled dead letters. Needs `admin` of the operating organization."""
    with service.pool.transaction() as connection:
        require_operator(connection, caller)
        return metrics.tally_dead_letters(connection)


def list_jobs(
    service: Service,
    caller: Caller,
    *,
    state: str = "dead",
    task: str | None = None,
    limit: int = 50,
    after: str | None = None,
) -> schemas.JobPage:
    """Return jobs, newest first, with `next` as the cursor. `state`: dead (unsettled dead letters), failed
    (for any reason), open or all. Needs `admin` of the operating organization.

    Raises `BadInput` (`bad_cursor`).
    """
    with service.pool.transaction() as connection:
        require_operator(connection, caller)
        rows = dead_letters.page(
            connection,
            state=state,
            task=task,
            after=cursor.place(after) if after else None,
            limit=limit + 1,
        )
    more, rows = len(rows) > limit, rows[:limit]
    last = rows[-1] if more else None
    return schemas.JobPage(
        jobs=[_answer(row) for row in rows],
        next=cursor.encode(last["created_at"].isoformat(), last["job_id"]) if last else None,
    )
