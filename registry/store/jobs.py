"""Jobs under leases, and the outbox that wakes the workers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from registry.errors import Conflict
from registry.store import sql
from registry.store.pool import Connection

_SQL = sql.load("jobs")

Task = Literal[
    "fingerprint_asset",
    "answer_lookup",
    "hash_file",
    "relate_entry",
    "read_photo",
    "deliver_messages",
    "answer_watches",
    "fetch_exchange",
    "deliver_notice",
]
QUEUES: dict[Task, str] = {
    "fingerprint_asset": "media",
    "answer_lookup": "interactive",
    "hash_file": "interactive",
    "relate_entry": "media",
    "read_photo": "media",
    "fetch_exchange": "media",
    "deliver_messages": "delivery",
    "deliver_notice": "delivery",
    "answer_watches": "media",
}
_MEDIA: dict[Task, str] = {
    "fingerprint_asset": "asset_blob",
    "answer_lookup": "lookup_blob",
    "hash_file": "hashing_blob",
    "read_photo": "photo_blob",
}
"""Where a task's media lie; one that is not named here reads none."""


@dataclass(frozen=True, slots=True)
class Job:
    """A job that this worker holds. `fence` is its lease's number; `blob_key` where the media lies."""

    job_id: UUID
    task: Task
    subject_id: UUID
    fence: int
    attempts: int
    blob_key: str | None
    filename: str


@dataclass(frozen=True, slots=True)
class Message:
    """A row of the outbox."""

    outbox_id: int
    task: str
    queue: str
    job_id: UUID


def enqueue(connection: Connection, task: Task, subject_id: UUID) -> UUID | None:
    """Ask for work; the job's id, or None where the same work is open already."""
    parameters = {"task": task, "subject_id": subject_id, "queue": QUEUES[task]}
    row = connection.execute(_SQL["enqueue"], parameters).fetchone()
    return row["job_id"] if row else None


def claim(connection: Connection, job_id: UUID, *, lease: float, max_attempts: int) -> Job | None:
    """The job under a new lease, or None where it is done, held by another or spent."""
    row = connection.execute(
        _SQL["claim"], {"job_id": job_id, "lease": lease, "max_attempts": max_attempts}
    ).fetchone()
    if not row:
        return None
    return _job(connection, row)


def renew(connection: Connection, job: Job, *, lease: float, progress: float) -> None:
    """Keep the lease. Raises `Conflict` (code `lease_lost`) where another worker has the job."""
    parameters = {"job_id": job.job_id, "fence": job.fence, "lease": lease, "progress": progress}
    _held(connection.execute(_SQL["renew"], parameters).fetchone())


def hold(connection: Connection, job: Job) -> None:
    """Lock the job for writing its result. Raises `Conflict` (code `lease_lost`)."""
    parameters = {"job_id": job.job_id, "fence": job.fence}
    _held(connection.execute(_SQL["hold"], parameters).fetchone())


def finish(connection: Connection, job_id: UUID) -> None:
    """The job is done."""
    connection.execute(_SQL["finish"], {"job_id": job_id})


def fail(connection: Connection, job_id: UUID, code: str, message: str) -> None:
    """The job has failed for good."""
    connection.execute(_SQL["fail"], {"job_id": job_id, "code": code, "message": message})


def release(connection: Connection, job_id: UUID, code: str, message: str) -> None:
    """Give the job back to wait for the sweeper; its attempt counts."""
    connection.execute(_SQL["release"], {"job_id": job_id, "code": code, "message": message})


def spent(connection: Connection, *, max_attempts: int) -> list[tuple[Job, str | None, str | None]]:
    """Jobs that were tried too often, each with the code and the message of its last error, if any."""
    rows = connection.execute(_SQL["spent"], {"max_attempts": max_attempts}).fetchall()
    errors = [(row.pop("error_code"), row.pop("error_message")) for row in rows]
    return [(_job(connection, row), *error) for row, error in zip(rows, errors, strict=True)]


def hold_spent(connection: Connection, job: Job) -> bool:
    """Lock a job that is spent; False where somebody has it or has ended it meanwhile."""
    parameters = {"job_id": job.job_id, "fence": job.fence}
    return connection.execute(_SQL["hold_spent"], parameters).fetchone() is not None


def wake(connection: Connection, *, patience: float, max_attempts: int) -> int:
    """Write messages again for jobs that wait longer than `patience` seconds or lost their worker."""
    parameters = {"patience": patience, "max_attempts": max_attempts}
    return len(connection.execute(_SQL["wake"], parameters).fetchall())


def take_messages(connection: Connection, limit: int) -> list[Message]:
    """The oldest messages, locked until the transaction ends."""
    rows = connection.execute(_SQL["take_messages"], {"limit": limit}).fetchall()
    return [Message(**row) for row in rows]


def drop_messages(connection: Connection, outbox_ids: Sequence[int]) -> None:
    """Forget messages that were published."""
    connection.execute(_SQL["drop_messages"], {"outbox_ids": list(outbox_ids)})


def depths(connection: Connection) -> list[dict[str, Any]]:
    """queue, depth, oldest_seconds of open jobs."""
    return connection.execute(_SQL["depths"]).fetchall()


def _job(connection: Connection, row: dict[str, Any]) -> Job:
    media = _MEDIA.get(row["task"])
    found = connection.execute(_SQL[media], {"subject_id": row["subject_id"]}).fetchone() if media else None
    return Job(
        **row, blob_key=found["blob_key"] if found else None, filename=found["filename"] if found else ""
    )


def _held(row: dict[str, Any] | None) -> None:
    if row is None:
        raise Conflict("Another worker has taken this job over.", code="lease_lost")
