"""Hold an exchange while a worker keeps what it read of it."""

from __future__ import annotations

from typing import Any

from registry.store import exchanges, jobs
from registry.store.jobs import Job
from registry.store.pool import Connection


class Removed(Exception):
    """The exchange is read no longer."""


def hold_exchange(connection: Connection, job: Job) -> dict[str, Any]:
    """The exchange, locked, while this worker has the job and it is still to be read. Raises `Removed`,
    `Conflict` (`lease_lost`)."""
    row = exchanges.lock(connection, job.subject_id)
    jobs.hold(connection, job)
    if row is None or row["state"] != "active" or not row["open"]:
        raise Removed
    return row
