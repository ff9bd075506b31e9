"""Retry of an entry's dead letter for watched lookups."""

from __future__ import annotations

from registry.core.database.pool import Connection
from registry.core.service import Service
from registry.jobs import Job
from registry.jobs.service.handlers import Again, Handler
from registry.matching.watches import store as watches
from registry.matching.watches.model import EVERYBODY


def _retry(_service: Service, connection: Connection, job: Job) -> Again:
    """Make the entry due again for the one job that serves all entries (`dispatch_events` enqueues it)."""
    if job.subject_id == EVERYBODY:
        return Again.ENQUEUE
    watches.set_due(connection, job.subject_id)
    return Again.DONE


ANSWER_WATCHES = Handler(retry=_retry)
