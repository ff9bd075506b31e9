"""Jobs as whoever runs the deployment sees them, and dead letters, which wait for that person."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from registry.core.database import sql
from registry.core.database.pool import Connection
from registry.jobs.store.jobs import QUEUES, Task

_SQL = sql.load(__name__)


def page(
    connection: Connection,
    *,
    state: str,
    task: str | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[dict[str, Any]]:
    """Rows of `show`, the newest first. `state`: dead (a dead letter that nobody has dealt with), failed,
    open or all."""
    at, identity = after or (None, None)
    parameters = {"state": state, "task": task, "after": at, "after_id": identity, "limit": limit}
    return connection.execute(_SQL["page"], parameters).fetchall()


def show(connection: Connection, job_id: UUID) -> dict[str, Any] | None:
    """job_id, task, subject_id, queue, status, attempts, deferrals, progress, worker, error_code,
    error_message, dead, created_at, due_at, finished_at, settled_as, settled_at."""
    return connection.execute(_SQL["show"], {"job_id": job_id}).fetchone()


def lock(connection: Connection, job_id: UUID) -> bool:
    """Lock a job that has failed; False where it has not, or somebody has dealt with it."""
    return connection.execute(_SQL["lock"], {"job_id": job_id}).fetchone() is not None


def settle(connection: Connection, job_id: UUID, how: str, caller_id: UUID) -> None:
    """Say that somebody has dealt with it: `retried` or `discarded`."""
    connection.execute(_SQL["settle"], {"job_id": job_id, "how": how, "caller_id": caller_id})


def give_up(
    connection: Connection, task: Task, subject_id: UUID, *, attempts: int, code: str, message: str
) -> None:
    """Write a dead letter about a subject, where there is none that waits for somebody."""
    given = {
        "task": task,
        "subject_id": subject_id,
        "queue": QUEUES[task],
        "attempts": attempts,
        "code": code,
        "message": message,
    }
    connection.execute(_SQL["give_up"], given)


def settle_all(connection: Connection, task: Task, subject_id: UUID) -> None:
    """It was done after all: dead letters about a subject have been dealt with."""
    connection.execute(_SQL["settle_all"], {"task": task, "subject_id": subject_id})
