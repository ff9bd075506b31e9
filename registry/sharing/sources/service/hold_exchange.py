"""Hold an exchange while a worker keeps what it read of it."""

from __future__ import annotations

from typing import Any

from registry.core.database.pool import Connection
from registry.jobs.store import jobs
from registry.jobs.store.jobs import Job
from registry.sharing.sources import store as exchanges


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
