"""Show a job of the workers to whoever runs the deployment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from registry.core.database.pool import Connection
from registry.core.errors import NotFound
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.organizations.service.require_operator import require_operator
from registry.jobs.store import job_letters


def show_job(service: Service, caller: Caller, job_id: UUID) -> dict[str, Any]:
    """One job. Needs `admin` of the operating organization. Raises `NotFound` (`unknown_job`)."""
    with service.pool.transaction() as connection:
        require_operator(connection, caller)
        return shaped(find_job(connection, job_id))


def find_job(connection: Connection, job_id: UUID) -> dict[str, Any]:
    """Its row. Raises `NotFound` (`unknown_job`)."""
    row = job_letters.show(connection, job_id)
    if row is None:
        raise NotFound("There is no such job.", code="unknown_job")
    return row


def shaped(row: Mapping[str, Any]) -> dict[str, Any]:
    """As it is answered: its id and codes. What it is about is another organization's, as a rule."""
    error = {"code": row["error_code"], "message": row["error_message"] or ""} if row["error_code"] else None
    times = ("created_at", "due_at", "finished_at", "settled_at")
    return {
        "job_id": str(row["job_id"]),
        "task": row["task"],
        "queue": row["queue"],
        "status": row["status"],
        "dead": row["dead"],
        "attempts": row["attempts"],
        "deferrals": row["deferrals"],
        "progress": round(float(row["progress"]), 3),
        "worker": row["worker"],
        "error": error,
        "settled_as": row["settled_as"],
        **{name: row[name].isoformat() if row[name] else None for name in times},
    }
