"""Handler of failed jobs that analyse photos."""

from __future__ import annotations

from registry.core.database.pool import Connection
from registry.jobs import Job
from registry.jobs.service.handlers import Failure, Handler
from registry.persons import store as persons
from registry.persons.photos import store as photos


def _lock(connection: Connection, job: Job) -> None:
    if person_id := photos.whose(connection, job.subject_id):
        persons.lock_any(connection, person_id)


def _fail(connection: Connection, job: Job, failure: Failure) -> None:
    photos.fail(connection, job.subject_id, "too_large" if failure.code == "too_large" else "not_read")


READ_PHOTO = Handler(lock=_lock, fail=_fail, keeps_media=False)
