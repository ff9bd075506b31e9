"""A job could not be done."""

from __future__ import annotations

import logging
from typing import Final

from registry.actions.forget_blob import forget_blob
from registry.actions.record_event import event, record_events
from registry.actions.service import Service
from registry.errors import FakeprintError, Unavailable
from registry.store import assets, entries, hashings, jobs, lookups, person_photos, persons
from registry.store.jobs import Job
from registry.store.pool import Connection

FORGETS: Final = frozenset({"answer_lookup", "hash_file"})
"""Tasks whose media are let go once they have ended."""

log = logging.getLogger(__name__)


def fail_job(service: Service, job: Job, error: FakeprintError) -> None:
    """Record why. What may pass by itself (`Unavailable`) goes back to wait, until its tries are spent;
    anything else fails for good: the asset and its entries, or the lookup, show the reason. An entry whose
    relatives could not be looked for goes on answering; the sweeper asks for it again later.

    Raises `Conflict` (`lease_lost`) where another worker has the job.
    """
    with service.pool.transaction() as connection:
        lock_subject(connection, job)
        jobs.hold(connection, job)
        if isinstance(error, Unavailable) and job.attempts < service.settings.max_attempts:
            jobs.release(connection, job.job_id, error.code, error.message)
            return
        give_up(connection, job, error.code, error.message)
    log.info("job failed", extra={"code": error.code, "task": job.task, "job_id": str(job.job_id)})
    if job.task in FORGETS:
        forget_blob(service, job.blob_key)


def lock_subject(connection: Connection, job: Job) -> None:
    """Lock the entries, or the person, that wait for the job: before the job itself, as everybody does."""
    if job.task == "fingerprint_asset":
        entries.lock_of_asset(connection, job.subject_id)
    elif job.task == "read_photo" and (person_id := person_photos.whose(connection, job.subject_id)):
        persons.lock_any(connection, person_id)


def give_up(connection: Connection, job: Job, code: str, message: str) -> None:
    """Fail a job and its subject, in the caller's transaction, after `lock_subject` and locking the job."""
    jobs.fail(connection, job.job_id, code, message)
    if job.task == "fingerprint_asset":
        assets.fail(connection, job.subject_id, code, message)
        failed = entries.fail(connection, job.subject_id, code, message)
        subject = {"asset_id": job.subject_id}
        record_events(
            connection,
            [event(None, "entry.failed", whose, one, subject, {"code": code}) for one, whose in failed],
        )
    elif job.task == "answer_lookup":
        lookups.fail(connection, job.subject_id, code, message)
    elif job.task == "hash_file":
        hashings.fail(connection, job.subject_id, code, message)
    elif job.task == "read_photo":
        person_photos.fail(connection, job.subject_id, "too_large" if code == "too_large" else "not_read")
