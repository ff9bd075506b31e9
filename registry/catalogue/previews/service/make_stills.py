"""What a worker writes that makes pictures of a medium at the instants that somebody asked for."""

from __future__ import annotations

import io
from typing import Final

from registry.catalogue.media.service.forget_blob import forget_blob, keep_blob
from registry.catalogue.previews import model as blurring
from registry.catalogue.previews import store as stills
from registry.core.errors import Unavailable
from registry.core.service import Service
from registry.jobs.service.relay_outbox import wake_workers
from registry.jobs.store import jobs
from registry.jobs.store.jobs import Job

PATIENCE: Final = 3
"""How often pictures give way to files that are looked up; then they are made all the same."""


def give_way(service: Service, job: Job) -> None:
    """Raise `Unavailable` (`gives_way`), by which the job is deferred, where a file that somebody looks up
    waits for a worker."""
    if job.deferrals >= PATIENCE:
        return
    with service.pool.transaction() as connection:
        waits = stills.lookups_wait(connection)
    if waits:
        raise Unavailable("Files that are looked up come first.", code="gives_way")


def wanted_stills(service: Service, job: Job) -> list[int]:
    """The instants (ms) at which pictures of the job's medium wait to be made, ascending; none where nothing
    of it may be kept."""
    if not service.settings.keep_media:
        return []
    with service.pool.transaction() as connection:
        return stills.waiting(connection, job.subject_id)


def keep_still(service: Service, job: Job, at_ms: int, made: bytes | str) -> None:
    """Keep one (`blurring.packed`), or the code of why there is none; a commit of its own each, so that what
    was made stays when the worker gives way or dies. Raises `Conflict` (`lease_lost`)."""
    if isinstance(made, str):
        with service.pool.transaction() as connection:
            jobs.hold(connection, job)
            stills.fail(connection, job.subject_id, made, at_ms=at_ms)
        return
    blob = service.blobs.put(io.BytesIO(made), limit=blurring.MOST_BYTES + 16)
    kept = False
    try:
        with service.pool.transaction() as connection:
            keep_blob(service, connection, blob.key)
            jobs.hold(connection, job)
            kept = stills.made(connection, job.subject_id, at_ms, blob.key)
    finally:
        if not kept:
            forget_blob(service, blob.key)


def finish_stills(service: Service, job: Job) -> None:
    """The job is done; where somebody has asked for more meanwhile, there is another one. Raises `Conflict`
    (`lease_lost`)."""
    more = False
    with service.pool.transaction() as connection:
        gone = stills.lock(connection, job.subject_id) is None or not service.settings.keep_media
        jobs.finish(connection, job)
        if gone:
            stills.fail(connection, job.subject_id, "media_not_kept")
        elif stills.waiting(connection, job.subject_id):
            more = jobs.enqueue(connection, "make_stills", job.subject_id) is not None
    if more:
        wake_workers(service)
