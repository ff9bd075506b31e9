"""Failure handler of jobs that hash a file."""

from __future__ import annotations

from registry.catalogue.media.service.retention import forget_blob_of
from registry.core.database.pool import Connection
from registry.jobs import Job
from registry.jobs.service.handlers import Failure, Handler
from registry.sharing.hma.store import hashings


def _fail(connection: Connection, job: Job, failure: Failure) -> None:
    hashings.fail(connection, job.subject_id, failure.code, failure.message)


HASH_FILE = Handler(fail=_fail, after=forget_blob_of, keeps_media=False, awaited=True)
