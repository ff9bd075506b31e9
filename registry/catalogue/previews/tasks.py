"""Handler of failed preview jobs: their waiting pictures fail."""

from __future__ import annotations

from registry.catalogue.previews import store as previews
from registry.core.database.pool import Connection
from registry.jobs import Job
from registry.jobs.service.handlers import Failure, Handler


def _lock(connection: Connection, job: Job) -> None:
    previews.lock(connection, job.subject_id)


def _fail(connection: Connection, job: Job, failure: Failure) -> None:
    previews.fail(connection, job.subject_id, failure.code)


MAKE_PREVIEWS = Handler(lock=_lock, fail=_fail)
