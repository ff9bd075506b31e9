"""Jobs under leases: claimed, renewed, settled, failed, listed."""

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
from registry.core.errors import Conflict, FakeprintError, NotFound, Unavailable
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.organizations.service.operator import require_operator
from registry.jobs.model import lease
from registry.jobs.service.handlers import HANDLERS, Again, Failure, clean_up, lock_subject
from registry.jobs.service.queue import wake_workers
from registry.jobs.store import dead_letters, jobs, leases, work_times
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


def renew_lease(service: Service, job: Job, progress: float) -> None:
    """Keep the lease and say how far the work is (0-1). Raises `Conflict` (code `lease_lost`)."""
    with service.pool.transaction() as connection:
        jobs.renew(
            connection, job, lease=service.settings.lease_seconds, progress=min(max(progress, 0.0), 1.0)
        )


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


def spare_attempt(service: Service, job: Job) -> None:
    """Give the attempt back that this worker is at: it was told to end. It goes on as long as it is let; a
    job that ends its workers without their being told is counted as ever. So is one that was deferred as
    often as may be: a machine that runs out of memory tells its workers to end, and it may be the job that
    takes it, each time anew. Raises `Conflict` (code `lease_lost`)."""
    if job.deferrals >= most_deferrals(service, job):
        return
    with service.pool.transaction() as connection:
        leases.spare(connection, job)


def show_job(service: Service, caller: Caller, job_id: UUID) -> dict[str, Any]:
    """One job. Needs `admin` of the operating organization. Raises `NotFound` (`unknown_job`)."""
    with service.pool.transaction() as connection:
        require_operator(connection, caller)
        return shaped(find_job(connection, job_id))


def find_job(connection: Connection, job_id: UUID) -> dict[str, Any]:
    """Its row. Raises `NotFound` (`unknown_job`)."""
    row = dead_letters.show(connection, job_id)
    if row is None:
        raise NotFound("There is no such job.", code="unknown_job")
    return row


def shaped(row: Mapping[str, Any]) -> dict[str, Any]:
    """As it is answered: its id and codes. What it is about is another organization's, as a rule."""
    error = {"code": row["error_code"], "message": row["error_message"] or ""} if row["error_code"] else None
    times = ("created_at", "due_at", "finished_at", "settled_at")
    return {
        "job_id": str(row["job_id"]),
        "task": row["task"],
        "queue": row["queue"],
        "status": row["status"],
        "dead": row["dead"],
        "attempts": row["attempts"],
        "deferrals": row["deferrals"],
        "progress": round(float(row["progress"]), 3),
        "worker": row["worker"],
        "error": error,
        "settled_as": row["settled_as"],
        **{name: row[name].isoformat() if row[name] else None for name in times},
    }


How = Literal["retried", "discarded"]


def settle_job(service: Service, caller: Caller, job_id: UUID, how: How) -> dict[str, Any]:
    """The job. `retried`: another job is made of it, with all its tries; what failed with it waits again.
    `discarded`: it stands as failed, and is no dead letter any more; media that was kept for it alone is let
    go by the next sweep. Needs `admin` of the operating organization, and is put on record.

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
            raise Conflict(
                "The job has not failed, or somebody has dealt with it.",
                code="not_failed",
                next_step="`fakeprint admin job list` shows those that wait for you.",
            )
        if closed:
            raise Conflict(
                "Whoever asked is of an organization that is closed.",
                code="organization_closed",
                next_step="`fakeprint admin job discard` lets the job be.",
            )
        if how == "retried":
            _again(service, connection, job, find_job(connection, job_id)["queue"])
        dead_letters.settle(connection, job_id, how, caller.caller_id)
        record_event(connection, caller, f"job.{how}", subject={"job_id": job_id}, said={"task": job.task})
        found = shaped(find_job(connection, job_id))
    if how == "retried":
        wake_workers(service)
    return found


def _job(connection: Connection, job_id: UUID) -> Job:
    row = find_job(connection, job_id)
    return Job(job_id, row["task"], row["subject_id"], 0, row["attempts"], None, "")


def _again(service: Service, connection: Connection, job: Job, queue: str) -> None:
    handler = HANDLERS[job.task]
    again = Again.ENQUEUE if handler.keeps_media else Again.GONE
    if handler.retry:
        again = handler.retry(service, connection, job)
    if again is Again.GONE:
        raise Conflict(
            "The media of this job is no longer kept.",
            code="media_gone",
            next_step="Whoever sent it has to send it again; `fakeprint admin job discard` lets the job be.",
        )
    if again is Again.DONE:
        return
    if jobs.enqueue(connection, job.task, job.subject_id, bulk=queue == "bulk") is None:
        raise Conflict("The same work is being done already.", code="job_open")


def count_jobs(service: Service, caller: Caller) -> dict[str, Any]:
    """`queues`: open jobs of each (`depth`) and for how many seconds the oldest that could be done has
    waited; `open`: by task and status, likewise; `dead`: dead letters that nobody has dealt with; `outbox`:
    messages that the broker has not taken yet. Needs `admin` of the operating organization."""
    with service.pool.transaction() as connection:
        require_operator(connection, caller)
        return {
            "queues": sorted(jobs.depths(connection), key=lambda row: str(row["queue"])),
            "open": sorted(
                work_times.open_jobs(connection), key=lambda row: (str(row["task"]), str(row["status"]))
            ),
            "dead": work_times.dead_letters(connection),
            "outbox": work_times.outbox(connection),
        }


def list_jobs(
    service: Service,
    caller: Caller,
    *,
    state: str = "dead",
    task: str | None = None,
    limit: int = 50,
    after: str | None = None,
) -> dict[str, Any]:
    """Jobs, the newest first; `next` continues where this page ends. `state`: dead (dead letters that nobody
    has dealt with), failed (whatever the reason), open or all. Needs `admin` of the operating organization.

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
    return {
        "jobs": [shaped(row) for row in rows],
        "next": cursor.encode(last["created_at"].isoformat(), last["job_id"]) if last else None,
    }
