"""Long videos that are fingerprinted in segments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

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
        connection.execute(
            _SQL["add"],
            {
                "asset_id": job.subject_id,
                "number": number,
                "task": Jsonb(task),
                "share": share,
                "job_id": job.job_id,
            },
        )
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


def found(connection: Connection, asset_id: UUID) -> list[bytes]:
    """Return the results of an asset's segments, in order."""
    rows = connection.execute(_SQL["found"], {"asset_id": asset_id}).fetchall()
    return [row["found"] for row in rows]


def keep(connection: Connection, job: Job, found: bytes) -> int | None:
    """Store the result of a job's segment and return the number of remaining ones. None if it was stored
    before."""
    parameters = {"segment_id": job.subject_id, "found": found, "fence": job.fence}
    row = connection.execute(_SQL["keep"], parameters).fetchone()
    return row["remaining"] if row else None


def make_undivided(connection: Connection, asset_id: UUID) -> None:
    """Mark the asset as undivided, and end its segments and their jobs."""
    connection.execute(_SQL["drop_jobs"], {"asset_id": asset_id})
    connection.execute(_SQL["make_undivided"], {"asset_id": asset_id})


def ask_for_whole(connection: Connection, asset_id: UUID, job: Job) -> None:
    """Enqueue the asset's own job again, on the queue of this job, unless it is open."""
    connection.execute(_SQL["ask_for_whole"], {"asset_id": asset_id, "job_id": job.job_id})


def waiting(connection: Connection, asset_id: UUID) -> list[tuple[UUID, str]]:
    """Return the unclaimed jobs of an asset with their tasks: its segments in order, then its own if that
    joins them."""
    rows = connection.execute(_SQL["waiting"], {"asset_id": asset_id}).fetchall()
    return [(row["job_id"], row["task"]) for row in rows]


def read_on(connection: Connection, job: Job) -> None:
    """Enqueue again the unfinished segments of a job's asset that nobody works on."""
    connection.execute(_SQL["drop_jobs"], {"asset_id": job.subject_id})
    connection.execute(_SQL["read_on"], {"asset_id": job.subject_id, "job_id": job.job_id})


def halt(connection: Connection, asset_id: UUID) -> None:
    """Drop the jobs of the segments. A worker that has one finds its lease lost. Results are kept."""
    connection.execute(_SQL["drop_jobs"], {"asset_id": asset_id})


def forget(connection: Connection, asset_id: UUID) -> None:
    """Delete the segments and their jobs, because the asset is done or cannot be read."""
    connection.execute(_SQL["drop_jobs"], {"asset_id": asset_id})
    connection.execute(_SQL["forget"], {"asset_id": asset_id})


def become_assets(connection: Connection, job: Job, asset_id: UUID) -> None:
    """Point a failed segment's job to the asset, because only the asset can be retried."""
    connection.execute(_SQL["become_assets"], {"job_id": job.job_id, "asset_id": asset_id})


def tidy_divisions(connection: Connection) -> int:
    """Repair divisions, and return how many were found.

    Enqueues the asset's job if all segments are done and nobody enqueued it. Deletes divisions on which
    nobody works any more, for example after the entry was withdrawn.
    """
    return len(connection.execute(_SQL["tidy"]).fetchall())
