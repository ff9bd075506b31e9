"""Long videos that are fingerprinted in segments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from registry import jobs
from registry.core.database import sql
from registry.core.database.pool import Connection
from registry.jobs import Job

_SQL = sql.load(__name__)


@dataclass(frozen=True, slots=True)
class Division:
    """A long video that is read in segments; `remaining` are not finished. `undivided`: it must be read in
    one piece."""

    asset_id: UUID
    plan: Mapping[str, Any]
    remaining: int
    undivided: bool


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment, with the plan that all segments share. `number` is its position."""

    asset_id: UUID
    number: int
    plan: Mapping[str, Any]
    task: Mapping[str, Any]


def divide(
    connection: Connection,
    job: Job,
    plan: Mapping[str, Any],
    tasks: Sequence[tuple[Mapping[str, Any], float]],
) -> bool:
    """Write the segments of a job's asset, each with a job on the same queue and its message.

    `tasks`: the task of each segment and its share of the work. Returns False if the asset is divided
    already.
    """
    parameters = {"asset_id": job.subject_id, "plan": Jsonb(plan), "segments": len(tasks)}
    if connection.execute(_SQL["divide"], parameters).fetchone() is None:
        return False
    for number, (task, share) in enumerate(tasks):
        segment = {"asset_id": job.subject_id, "number": number, "task": Jsonb(task), "share": share}
        row = connection.execute(_SQL["add"], segment).fetchone()
        assert row is not None  # noqa: S101 - an insert returns its row
        jobs.enqueue(connection, "fingerprint_segment", row["segment_id"], beside=job.job_id)
    return True


def lock(connection: Connection, asset_id: UUID) -> Division | None:
    """Return the division of an asset, locked until the transaction ends. Always lock it before its jobs."""
    row = connection.execute(_SQL["lock"], {"asset_id": asset_id}).fetchone()
    return Division(**row) if row else None


def is_read(connection: Connection, asset_id: UUID) -> bool:
    """Return whether a job for the rest of a divided asset is open."""
    return connection.execute(_SQL["is_read"], {"asset_id": asset_id}).fetchone() is not None


def asset_of(connection: Connection, segment_id: UUID) -> UUID | None:
    """Return the asset of a segment. None if the segment is gone."""
    row = connection.execute(_SQL["asset_of"], {"segment_id": segment_id}).fetchone()
    return row["asset_id"] if row else None


def find(connection: Connection, segment_id: UUID) -> Segment | None:
    """Return a segment that is not finished."""
    row = connection.execute(_SQL["find"], {"segment_id": segment_id}).fetchone()
    return Segment(**row) if row else None


def list_results(connection: Connection, asset_id: UUID) -> list[bytes]:
    """Return the results of an asset's segments, in order."""
    rows = connection.execute(_SQL["list_results"], {"asset_id": asset_id}).fetchall()
    return [row["found"] for row in rows]


def save_result(connection: Connection, job: Job, result: bytes) -> int | None:
    """Store the result of a job's segment and return the number of remaining ones. None if it was stored
    before."""
    parameters = {"segment_id": job.subject_id, "found": result, "fence": job.fence}
    row = connection.execute(_SQL["save_result"], parameters).fetchone()
    return row["remaining"] if row else None


def make_undivided(connection: Connection, asset_id: UUID) -> None:
    """Mark the asset as undivided, and delete the jobs of its segments."""
    halt(connection, asset_id)
    connection.execute(_SQL["make_undivided"], {"asset_id": asset_id})


def waiting(connection: Connection, asset_id: UUID) -> list[tuple[UUID, str]]:
    """Return the unclaimed jobs of an asset with their tasks: its segments in order, then its own if that
    joins them."""
    rows = connection.execute(_SQL["waiting"], {"asset_id": asset_id}).fetchall()
    return [(row["job_id"], row["task"]) for row in rows]


def enqueue_unfinished(connection: Connection, job: Job) -> None:
    """Enqueue again the unfinished segments of a job's asset that nobody works on."""
    halt(connection, job.subject_id)
    for row in connection.execute(_SQL["ids"], {"asset_id": job.subject_id}).fetchall():
        if row["unread"]:
            jobs.enqueue(connection, "fingerprint_segment", row["segment_id"], beside=job.job_id)


def halt(connection: Connection, asset_id: UUID) -> None:
    """Delete the jobs of the segments. A worker that holds one finds its lease lost. Results are kept."""
    rows = connection.execute(_SQL["ids"], {"asset_id": asset_id}).fetchall()
    jobs.drop_all(connection, "fingerprint_segment", [row["segment_id"] for row in rows])


def forget(connection: Connection, asset_id: UUID) -> None:
    """Delete the segments and their jobs, because the asset is done or cannot be read."""
    halt(connection, asset_id)
    connection.execute(_SQL["forget"], {"asset_id": asset_id})


def tidy_divisions(connection: Connection) -> int:
    """Repair divisions, and return how many were found.

    Enqueues the asset's job if all segments are done and nobody enqueued it. Deletes divisions on which
    nobody works any more, for example after the entry was withdrawn.
    """
    idle = connection.execute(_SQL["idle"]).fetchall()
    for row in idle:
        if row["ready"]:
            jobs.enqueue(connection, "fingerprint_asset", row["asset_id"])
        else:
            forget(connection, row["asset_id"])
    return len(idle)
