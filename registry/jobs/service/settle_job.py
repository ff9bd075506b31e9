"""Deal with a job that has failed: do it again, or let it be."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from registry.core.audit.service import record_event
from registry.core.database.pool import Connection
from registry.core.errors import Conflict
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.organizations.service.require_operator import require_operator
from registry.jobs.service.handlers import HANDLERS, Again, lock_subject
from registry.jobs.service.relay_outbox import wake_workers
from registry.jobs.service.show_job import find_job, shaped
from registry.jobs.store import job_letters, jobs
from registry.jobs.store.jobs import Job

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
        if not job_letters.lock(connection, job_id):
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
        job_letters.settle(connection, job_id, how, caller.caller_id)
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
