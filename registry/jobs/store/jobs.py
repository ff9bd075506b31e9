"""Jobs under leases, and the outbox that wakes the workers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from registry.core import tracing
from registry.core.database import sql
from registry.core.database.pool import Connection
from registry.core.errors import Conflict
from registry.jobs.model.lease import silence

_SQL = sql.load(__name__)

Task = Literal[
    "fingerprint_asset",
    "fingerprint_segment",
    "refingerprint_asset",
    "answer_lookup",
    "hash_file",
    "relate_entry",
    "read_photo",
    "deliver_messages",
    "answer_watches",
    "fetch_exchange",
    "deliver_notice",
    "follow_sighting",
    "make_stills",
]
QUEUES: dict[Task, str] = {
    "fingerprint_asset": "media",
    "fingerprint_segment": "media",
    "refingerprint_asset": "bulk",
    "answer_lookup": "interactive",
    "hash_file": "interactive",
    "relate_entry": "bulk",
    "read_photo": "media",
    "fetch_exchange": "bulk",
    "deliver_messages": "delivery",
    "deliver_notice": "delivery",
    "answer_watches": "media",
    "follow_sighting": "delivery",
    "make_stills": "interactive",
}
_MEDIA: dict[Task, str] = {
    "fingerprint_asset": "asset_blob",
    "fingerprint_segment": "segment_blob",
    "refingerprint_asset": "asset_blob",
    "answer_lookup": "lookup_blob",
    "hash_file": "hashing_blob",
    "read_photo": "photo_blob",
    "make_stills": "asset_blob",
}
"""Where a task's media lie; one that is not named here reads none."""
PATIENCE = 1.5
"""Leases after which what waits is said again."""


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
    deferrals: int = 0
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """A row of the outbox."""

    outbox_id: int
    task: str
    queue: str
    job_id: UUID
    traceparent: str | None = None


def enqueue(connection: Connection, task: Task, subject_id: UUID, *, bulk: bool = False) -> UUID | None:
    """Ask for work; the job's id, or None where the same work is open already. `bulk`: nobody waits for it,
    or for much else before it, so that it gives way to what comes one by one."""
    queue = "bulk" if bulk and QUEUES[task] == "media" else QUEUES[task]
    parameters = {
        "task": task,
        "subject_id": subject_id,
        "queue": queue,
        "traceparent": tracing.traceparent(),
    }
    row = connection.execute(_SQL["enqueue"], parameters).fetchone()
    return row["job_id"] if row else None


def registering(connection: Connection, asset_id: UUID, *, most: int) -> int:
    """How many media of the asset's organization wait on the queue `media`, counted up to `most`."""
    row = connection.execute(_SQL["registering"], {"asset_id": asset_id, "most": most}).fetchone()
    return int(row["waiting"]) if row else 0


def pressure(connection: Connection, queues: Sequence[str], aged: str, *, most: int) -> tuple[int, float]:
    """How many jobs are open on these queues, counted up to `most`, and for how many seconds the oldest on
    the queue `aged` has waited that nobody has begun."""
    parameters = {"queues": list(queues), "aged": aged, "most": most}
    row = connection.execute(_SQL["pressure"], parameters).fetchone()
    return (int(row["jobs"]), float(row["oldest"])) if row else (0, 0.0)


def claim(
    connection: Connection, job_id: UUID, *, lease: float, max_attempts: int, worker: str = ""
) -> Job | None:
    """The job under a new lease, or None where it is done, not due, held by another or spent. `worker`: who
    takes it, for people to read."""
    parameters = {"job_id": job_id, "lease": lease, "max_attempts": max_attempts, "worker": worker or None}
    row = connection.execute(_SQL["claim"], parameters | {"silence": silence(lease)}).fetchone()
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


def finish(connection: Connection, job: Job) -> None:
    """The job is done, if this worker still has it: so whoever finishes cannot forget the fence. Raises
    `Conflict` (code `lease_lost`), which undoes all that its transaction wrote."""
    parameters = {"job_id": job.job_id, "fence": job.fence}
    _held(connection.execute(_SQL["finish"], parameters).fetchone())


def fail(connection: Connection, job_id: UUID, code: str, message: str, *, dead: bool) -> None:
    """The job has failed for good; `dead`: for a reason that is not its media's own."""
    connection.execute(_SQL["fail"], {"job_id": job_id, "code": code, "message": message, "dead": dead})


def defer(connection: Connection, job: Job, code: str, message: str, *, delay: float) -> None:
    """Give the job back for so many seconds: what it needs is away. It counts as no attempt."""
    about = {"job_id": job.job_id, "attempts": job.attempts, "deferrals": job.deferrals}
    parameters = {**about, "code": code, "message": message, "delay": delay}
    connection.execute(_SQL["defer"], parameters)


def note(connection: Connection, job_id: UUID, code: str, message: str) -> bool:
    """Say something of a job; False where it does not wait."""
    parameters = {"job_id": job_id, "code": code, "message": message}
    return connection.execute(_SQL["note"], parameters).fetchone() is not None


def spent(
    connection: Connection, *, lease: float, max_attempts: int
) -> list[tuple[Job, str | None, str | None]]:
    """Jobs that were tried too often, each with the code and the message of its last error, if any."""
    parameters = {"max_attempts": max_attempts, "silence": silence(lease)}
    rows = connection.execute(_SQL["spent"], parameters).fetchall()
    errors = [(row.pop("error_code"), row.pop("error_message")) for row in rows]
    return [(_job(connection, row), *error) for row, error in zip(rows, errors, strict=True)]


def hold_spent(connection: Connection, job: Job, *, lease: float) -> bool:
    """Lock a job that is spent; False where somebody has it or has ended it meanwhile."""
    parameters = {"job_id": job.job_id, "fence": job.fence, "silence": silence(lease)}
    return connection.execute(_SQL["hold_spent"], parameters).fetchone() is not None


def swept(connection: Connection, *, pause: float, settles: float) -> bool:
    """Note that the database takes writes now. False within `settles` seconds of a pause of more than
    `pause`, or of another server's taking its place: workers could not renew their leases then, or nobody saw
    them do so, and their sessions may have ended though they live."""
    row = connection.execute(_SQL["swept"], {"pause": pause, "settles": settles}).fetchone()
    return bool(row and row["steady"])


def waiting_queues(connection: Connection, *, lease: float, max_attempts: int) -> list[str]:
    """Queues on which a job waits whose message may have been lost."""
    parameters = {"patience": lease * PATIENCE, "max_attempts": max_attempts}
    return [row["queue"] for row in connection.execute(_SQL["waiting_queues"], parameters).fetchall()]


def wake(
    connection: Connection, *, lease: float, max_attempts: int, steady: bool = True, empty: Sequence[str] = ()
) -> int:
    """Write messages again for jobs that wait for longer than one and a half leases, whose time has come, or
    (where `steady`) that lost their worker. `empty`: queues of which the broker holds no message."""
    parameters = {
        "patience": lease * PATIENCE,
        "silence": silence(lease),
        "max_attempts": max_attempts,
        "steady": steady,
        "empty": list(empty),
    }
    return len(connection.execute(_SQL["wake"], parameters).fetchall())


def forget(connection: Connection, *, done_days: int, failed_days: int) -> int:
    """Delete jobs that ended so many days ago, some thousands at a time; how many. Dead letters that nobody
    has dealt with stay."""
    parameters = {"done_days": done_days, "failed_days": failed_days}
    return len(connection.execute(_SQL["forget"], parameters).fetchall())


def take_messages(connection: Connection, limit: int, *, held: Sequence[str] = ()) -> list[Message]:
    """The oldest messages but those for the queues that are `held`, locked until the transaction ends."""
    rows = connection.execute(_SQL["take_messages"], {"limit": limit, "held": list(held)}).fetchall()
    return [Message(**row) for row in rows]


def drop_messages(connection: Connection, outbox_ids: Sequence[int]) -> None:
    """Forget messages that were published."""
    connection.execute(_SQL["drop_messages"], {"outbox_ids": list(outbox_ids)})


def depths(connection: Connection) -> list[dict[str, Any]]:
    """queue, depth of open jobs, oldest_seconds of those that could be done and that nobody does."""
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


def fail_all(
    connection: Connection, task: Task, subject_ids: Sequence[UUID], code: str, message: str
) -> None:
    """Jobs of a task that wait or run fail, whoever works on them."""
    given = {"task": task, "subject_ids": list(subject_ids), "code": code, "message": message}
    connection.execute(_SQL["fail_all"], given)


def forget_ended(connection: Connection, task: Task) -> None:
    """Forget jobs of a task that ended an hour ago, 5,000 at most."""
    connection.execute(_SQL["forget_ended"], {"task": task})


def drop_open(connection: Connection, task: Task, subject_id: UUID) -> None:
    """Nobody waits for a job: a worker that has it finds its lease lost."""
    connection.execute(_SQL["drop_open"], {"task": task, "subject_id": subject_id})


def drop_all(connection: Connection, task: Task, subject_id: UUID) -> None:
    """Delete every job about a subject: a worker that has one finds its lease lost."""
    connection.execute(_SQL["drop_all"], {"task": task, "subject_id": subject_id})
