"""Effect of a failed job on the lookup that it was to answer."""

from __future__ import annotations

from typing import Final

from registry.catalogue.media.service.retention import Holder, forget_blob_of
from registry.catalogue.media.service.uploads import keep_blob
from registry.core.database.pool import Connection
from registry.core.errors import Unavailable
from registry.core.service import Service
from registry.jobs import Job
from registry.jobs.service.handlers import Again, Failure, Handler
from registry.matching.lookups.store import lookups


def _fail(connection: Connection, job: Job, failure: Failure) -> None:
    lookups.fail(connection, job.subject_id, failure.code, failure.message)


def _retry(service: Service, connection: Connection, job: Job) -> Again:
    """Reopen the lookup so that a worker answers it after all."""
    blob_key = lookups.failed_blob(connection, job.subject_id)
    if blob_key is None:
        return Again.GONE
    try:
        keep_blob(service, connection, blob_key)
    except Unavailable as error:
        if error.code == "media_lost":
            return Again.GONE
        raise
    return Again.ENQUEUE if lookups.reopen(connection, job.subject_id) else Again.GONE


MEDIA: Final = Holder(lookups.needed_blobs, lookups.named_blobs, lookups.unneeded_blobs, lookups.forget_blob)
"""How the sweep of media finds the files that lookups need."""
ANSWER_LOOKUP: Final = Handler(fail=_fail, after=forget_blob_of, retry=_retry, closed=lookups.asker_closed)
