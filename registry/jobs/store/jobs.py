"""Jobs under leases, and the outbox of messages that wake the workers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal
from uuid import UUID

from registry.core import tracing
from registry.core.audit.model.event import Actor
from registry.core.database import sql
from registry.core.database.pool import Connection
from registry.core.messaging import queues
from registry.jobs.errors import LeaseLost
from registry.jobs.model.capacity import Load, Share
from registry.jobs.model.lease import silence

_SQL = sql.load(__name__)

Task = Literal[
    "fingerprint_asset",
    "fingerprint_segment",
    "refingerprint_asset",
    "hash_whole_file",
    "answer_lookup",
    "hash_file",
    "relate_entry",
    "read_photo",
    "deliver_messages",
    "answer_watches",
    "fetch_exchange",
    "deliver_notice",
    "follow_sighting",
    "make_previews",
]
QUEUES: dict[Task, str] = {
    "fingerprint_asset": "media",
    "fingerprint_segment": "media",
    "refingerprint_asset": "bulk",
    "hash_whole_file": "bulk",
    "answer_lookup": "interactive",
    "hash_file": "interactive",
    "relate_entry": "bulk",
    "read_photo": "media",
    "fetch_exchange": "bulk",
    "deliver_messages": "delivery",
    "deliver_notice": "delivery",
    "answer_watches": "media",
    "follow_sighting": "delivery",
    "make_previews": "interactive",
}
_MEDIA: dict[Task, str] = {
    "fingerprint_asset": "asset_blob",
    "fingerprint_segment": "segment_blob",
    "refingerprint_asset": "asset_blob",
    "hash_whole_file": "asset_blob",
    "answer_lookup": "lookup_blob",
    "hash_file": "hashing_blob",
    "read_photo": "photo_blob",
    "make_previews": "asset_blob",
}
"""Query that finds a task's media. Tasks not listed here read no media."""
PATIENCE = 1.5
"""Number of leases after which the message of a waiting job is sent again."""


@dataclass(frozen=True, slots=True)
class Job:
    """A job that this worker holds. `fence` is the number of its lease; `blob_key` locates the media."""

    job_id: UUID
    task: Task
    subject_id: UUID
    fence: int
    attempts: int
    blob_key: str | None
    filename: str
    deferrals: int = 0
    traceparent: str | None = None
    queue: str = queues.MEDIA


@dataclass(frozen=True, slots=True)
class Message:
    """A row of the outbox."""

    outbox_id: int
    task: str
    queue: str
    job_id: UUID
    traceparent: str | None = None


def enqueue(
    connection: Connection,
    task: Task,
    subject_id: UUID,
    *,
    bulk: bool = False,
    beside: UUID | None = None,
    owner: Actor | None = None,
) -> UUID | None:
    """Create a job. Return its id, or None if the same work is already open. `bulk`: use the bulk queue, for
    work that nobody waits for. `beside`: use the queue of this job. `owner`: who asked for it."""
    queue = "bulk" if bulk and QUEUES[task] in {"interactive", "media"} else QUEUES[task]
    parameters = {
        "task": task,
        "subject_id": subject_id,
        "queue": queue,
        "beside": beside,
        "traceparent": tracing.traceparent(),
        "caller_id": owner.caller_id if owner else None,
        "organization_id": owner.organization_id if owner else None,
    }
    row = connection.execute(_SQL["enqueue"], parameters).fetchone()
    return row["job_id"] if row else None


def registering(connection: Connection, asset_id: UUID, *, most: int) -> int:
    """Count the media of the asset's organization that wait on the queue `media`, up to `most`."""
    row = connection.execute(_SQL["registering"], {"asset_id": asset_id, "most": most}).fetchone()
    return int(row["waiting"]) if row else 0


def load(connection: Connection, queues: Sequence[str], aged: str, *, most: int) -> Load:
    """Count the open jobs on `queues` by caller, up to `most`, and how long the oldest unstarted job of each
    on the queue `aged` has waited."""
    parameters = {"queues": list(queues), "aged": aged, "most": most, "seconds": IDLE}
    shares = [Share(**row) for row in connection.execute(_SQL["load"], parameters).fetchall()]
    row = connection.execute(_SQL["is_idle"], parameters).fetchone()
    return Load(shares, is_idle=bool(row and row["is_idle"]))


IDLE: Final = 30.0
"""Seconds without a job's end after which no worker is there."""


def claim(
    connection: Connection,
    job_id: UUID,
    *,
    lease: float,
    max_attempts: int,
    worker: str = "",
    waiting: bool = True,
) -> Job | None:
    """Claim the job under a new lease. None if it is done, not due, held by another worker or out of
    attempts. `worker`: name of its process, after that of the pool. `waiting`: False claims it only from a
    worker that is gone."""
    parameters = {"job_id": job_id, "lease": lease, "max_attempts": max_attempts, "worker": worker or None}
    parameters |= {"silence": silence(lease), "waiting": waiting}
    row = connection.execute(_SQL["claim"], parameters).fetchone()
    if not row:
        return None
    return _job(connection, row)


def renew(connection: Connection, job: Job, *, lease: float, progress: float) -> None:
    """Renew the lease. Raises `Conflict` (code `lease_lost`) if another worker has the job."""
    parameters = {"job_id": job.job_id, "fence": job.fence, "lease": lease, "progress": progress}
    _require_lease(connection.execute(_SQL["renew"], parameters).fetchone())


def hold(connection: Connection, job: Job) -> None:
    """Lock the job before writing its result. Raises `Conflict` (code `lease_lost`)."""
    parameters = {"job_id": job.job_id, "fence": job.fence}
    _require_lease(connection.execute(_SQL["hold"], parameters).fetchone())


def finish(connection: Connection, job: Job) -> None:
    """Mark the job as done, if this worker still holds it, so that no caller can forget to check the fence.
    Raises `Conflict` (code `lease_lost`), which rolls back the whole transaction."""
    parameters = {"job_id": job.job_id, "fence": job.fence}
    _require_lease(connection.execute(_SQL["finish"], parameters).fetchone())


def fail(connection: Connection, job_id: UUID, code: str, message: str, *, dead: bool) -> None:
    """Mark the job as failed for good. `dead`: the reason is not a fault of its media."""
    connection.execute(_SQL["fail"], {"job_id": job_id, "code": code, "message": message, "dead": dead})


def defer(connection: Connection, job: Job, code: str, message: str, *, delay: float) -> None:
    """Return the job to the queue for `delay` seconds, because a dependency is away. No attempt is
    counted."""
    about = {"job_id": job.job_id, "attempts": job.attempts, "deferrals": job.deferrals}
    parameters = {**about, "code": code, "message": message, "delay": delay}
    connection.execute(_SQL["defer"], parameters)


def note(connection: Connection, job_id: UUID, code: str, message: str) -> bool:
    """Note a message at a waiting job. False if the job does not wait."""
    parameters = {"job_id": job_id, "code": code, "message": message}
    return connection.execute(_SQL["note"], parameters).fetchone() is not None


def list_spent(
    connection: Connection, *, lease: float, max_attempts: int
) -> list[tuple[Job, str | None, str | None]]:
    """Return the jobs that are out of attempts, each with code and message of its last error, if any."""
    parameters = {"max_attempts": max_attempts, "silence": silence(lease)}
    rows = connection.execute(_SQL["list_spent"], parameters).fetchall()
    errors = [(row.pop("error_code"), row.pop("error_message")) for row in rows]
    return [(_job(connection, row), *error) for row, error in zip(rows, errors, strict=True)]


def hold_spent(connection: Connection, job: Job, *, lease: float) -> bool:
    """Lock a job that is out of attempts. False if it was claimed or ended meanwhile."""
    parameters = {"job_id": job.job_id, "fence": job.fence, "silence": silence(lease)}
    return connection.execute(_SQL["hold_spent"], parameters).fetchone() is not None


def record_sweep(connection: Connection, *, pause: float, settles: float) -> bool:
    """Record that the database accepts writes now. False within `settles` seconds of a failover, or of a
    pause longer than `pause`. Workers could not renew their leases then, or nobody recorded it, and sessions
    of live workers may have ended."""
    row = connection.execute(_SQL["record_sweep"], {"pause": pause, "settles": settles}).fetchone()
    return bool(row and row["steady"])


def waiting_queues(connection: Connection, *, lease: float, max_attempts: int) -> list[str]:
    """Return the queues with a waiting job whose message may have been lost."""
    parameters = {"patience": lease * PATIENCE, "max_attempts": max_attempts}
    return [row["queue"] for row in connection.execute(_SQL["waiting_queues"], parameters).fetchall()]


def wake(
    connection: Connection, *, lease: float, max_attempts: int, steady: bool = True, empty: Sequence[str] = ()
) -> int:
    """Write messages again for jobs that wait longer than one and a half leases, that have become due, or (if
    `steady`) that lost their worker. `empty`: queues of which the broker holds no message."""
    parameters = {
        "patience": lease * PATIENCE,
        "silence": silence(lease),
        "max_attempts": max_attempts,
        "steady": steady,
        "empty": list(empty),
    }
    return len(connection.execute(_SQL["wake"], parameters).fetchall())


def delete_old(connection: Connection, *, done_days: int, failed_days: int) -> int:
    """Delete jobs that ended so many days ago, some thousands at a time, and return how many. Unsettled dead
    letters stay."""
    parameters = {"done_days": done_days, "failed_days": failed_days}
    return len(connection.execute(_SQL["delete_old"], parameters).fetchall())


def lock_messages(connection: Connection, limit: int, *, paused: Sequence[str] = ()) -> list[Message]:
    """Return the oldest messages, except for queues in `paused`. They are locked until the transaction
    ends."""
    rows = connection.execute(_SQL["lock_messages"], {"limit": limit, "held": list(paused)}).fetchall()
    return [Message(**row) for row in rows]


def drop_messages(connection: Connection, outbox_ids: Sequence[int]) -> None:
    """Delete published messages."""
    connection.execute(_SQL["drop_messages"], {"outbox_ids": list(outbox_ids)})


def _job(connection: Connection, row: dict[str, Any]) -> Job:
    media_query = _MEDIA.get(row["task"])
    media_row = (
        connection.execute(_SQL[media_query], {"subject_id": row["subject_id"]}).fetchone()
        if media_query
        else None
    )
    return Job(
        **row,
        blob_key=media_row["blob_key"] if media_row else None,
        filename=media_row["filename"] if media_row else "",
    )


def _require_lease(row: dict[str, Any] | None) -> None:
    if row is None:
        raise LeaseLost


def fail_all(
    connection: Connection, task: Task, subject_ids: Sequence[UUID], code: str, message: str
) -> None:
    """Fail the waiting and running jobs of a task, whoever works on them."""
    parameters = {"task": task, "subject_ids": list(subject_ids), "code": code, "message": message}
    connection.execute(_SQL["fail_all"], parameters)


def delete_ended(connection: Connection, task: Task, subject_ids: Collection[UUID] | None = None) -> None:
    """Delete jobs of a task that ended more than an hour ago, at most 5,000. `subject_ids`: only jobs about
    these."""
    if subject_ids is None:
        connection.execute(_SQL["delete_ended"], {"task": task})
    else:
        connection.execute(_SQL["delete_ended_about"], {"task": task, "subject_ids": list(subject_ids)})


def drop_open(connection: Connection, task: Task, subject_id: UUID) -> None:
    """Delete an unneeded open job. A worker that holds it finds its lease lost."""
    connection.execute(_SQL["drop_open"], {"task": task, "subject_id": subject_id})


def drop_all(connection: Connection, task: Task, subject_ids: Sequence[UUID]) -> None:
    """Delete all jobs about these subjects. A worker that holds one finds its lease lost."""
    connection.execute(_SQL["drop_all"], {"task": task, "subject_ids": list(subject_ids)})


def reassign(connection: Connection, job: Job, task: Task, subject_id: UUID) -> None:
    """Make the job one of another task and subject."""
    connection.execute(_SQL["reassign"], {"job_id": job.job_id, "task": task, "subject_id": subject_id})
