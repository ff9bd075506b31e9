"""Jobs as the operator sees them, and dead letters, which wait for the operator."""

from __future__ import annotations

from collections.abc import Sequence
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
    """Return rows of `get_job`, newest first. `state`: dead (unsettled dead letters), failed, open or all."""
    at, identity = after or (None, None)
    parameters = {"state": state, "task": task, "after": at, "after_id": identity, "limit": limit}
    return connection.execute(_SQL["page"], parameters).fetchall()


def get_job(connection: Connection, job_id: UUID) -> dict[str, Any] | None:
    """Return job_id, task, subject_id, queue, status, attempts, deferrals, progress, worker, error_code,
    error_message, dead, created_at, due_at, finished_at, settled_as, settled_at."""
    return connection.execute(_SQL["get_job"], {"job_id": job_id}).fetchone()


def lock(connection: Connection, job_id: UUID) -> bool:
    """Lock a failed job. False if it has not failed or is already settled."""
    return connection.execute(_SQL["lock"], {"job_id": job_id}).fetchone() is not None


def settle(connection: Connection, job_id: UUID, how: str, caller_id: UUID) -> None:
    """Mark a dead letter as settled: `retried` or `discarded`."""
    connection.execute(_SQL["settle"], {"job_id": job_id, "how": how, "caller_id": caller_id})


def add_dead_letter(
    connection: Connection, task: Task, subject_id: UUID, *, attempts: int, code: str, message: str
) -> None:
    """Insert a dead letter about a subject, unless it has an unsettled one."""
    parameters = {
        "task": task,
        "subject_id": subject_id,
        "queue": QUEUES[task],
        "attempts": attempts,
        "code": code,
        "message": message,
    }
    connection.execute(_SQL["add_dead_letter"], parameters)


def settle_dead_letters(connection: Connection, task: Task, subject_id: UUID) -> None:
    """Settle the dead letters about a subject, because the work succeeded after all."""
    connection.execute(_SQL["settle_dead_letters"], {"task": task, "subject_id": subject_id})


def discard_dead_letters(
    connection: Connection, task: Task, subject_ids: Sequence[UUID], caller_id: UUID | None
) -> list[UUID]:
    """Discard the dead letters about these subjects, and return their jobs. `caller_id` None: the service."""
    parameters = {"task": task, "subject_ids": list(subject_ids), "caller_id": caller_id}
    return [row["job_id"] for row in connection.execute(_SQL["discard_dead_letters"], parameters).fetchall()]
