"""Changes of a lease that neither finish, fail nor defer the job."""

from __future__ import annotations

from uuid import UUID

from registry.core.database import sql
from registry.core.database.pool import Connection
from registry.jobs.errors import LeaseLost
from registry.jobs.store.jobs import Job

_SQL = sql.load(__name__)


def refund_attempt(connection: Connection, job: Job) -> None:
    """Count the current attempt as a deferral; safe to call twice. Raises `Conflict` (code `lease_lost`)."""
    about = {"job_id": job.job_id, "fence": job.fence}
    parameters = {**about, "attempts": job.attempts, "deferrals": job.deferrals}
    if connection.execute(_SQL["refund_attempt"], parameters).fetchone() is None:
        raise LeaseLost


def return_job(connection: Connection, job_id: UUID, code: str, message: str, *, delay: float) -> None:
    """Return a job that met an error to the queue for `delay` seconds. The attempt counts."""
    parameters = {"job_id": job_id, "code": code, "message": message, "delay": delay}
    connection.execute(_SQL["return_job"], parameters)
