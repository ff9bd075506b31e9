"""Long media that are read in segments."""

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
    """A long video that is read in segments: `remaining` of them are still out. `undivided`: it cannot be."""

    asset_id: UUID
    plan: Mapping[str, Any]
    remaining: int
    undivided: bool


@dataclass(frozen=True, slots=True)
class Segment:
    """One of them, with what all share. `number` is its place."""

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
    """Write the segments of a job's asset, each with a job on the same queue and its message; False where it
    is divided already. `tasks`: what each is to read, and its share of the work."""
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
    """The division of an asset, locked until the transaction ends: before its jobs, as everybody does."""
    row = connection.execute(_SQL["lock"], {"asset_id": asset_id}).fetchone()
    return Division(**row) if row else None


def is_read(connection: Connection, asset_id: UUID) -> bool:
    """Whether anybody reads, or will read, what remains of a divided asset."""
    return connection.execute(_SQL["is_read"], {"asset_id": asset_id}).fetchone() is not None


def asset_of(connection: Connection, segment_id: UUID) -> UUID | None:
    """Whose segment it is; None where it is gone."""
    row = connection.execute(_SQL["asset_of"], {"segment_id": segment_id}).fetchone()
    return row["asset_id"] if row else None


def find(connection: Connection, segment_id: UUID) -> Segment | None:
    """A segment that is still to be read."""
    row = connection.execute(_SQL["find"], {"segment_id": segment_id}).fetchone()
    return Segment(**row) if row else None


def found(connection: Connection, asset_id: UUID) -> list[bytes]:
    """What the segments of an asset found, in order."""
    rows = connection.execute(_SQL["found"], {"asset_id": asset_id}).fetchall()
    return [row["found"] for row in rows]


def keep(connection: Connection, job: Job, found: bytes) -> int | None:
    """Keep what the segment of a job found, and count it; how many remain. None where it was kept before."""
    parameters = {"segment_id": job.subject_id, "found": found, "fence": job.fence}
    row = connection.execute(_SQL["keep"], parameters).fetchone()
    return row["remaining"] if row else None


def make_undivided(connection: Connection, asset_id: UUID) -> None:
    """It is to be read in one: its segments are over, with their jobs."""
    connection.execute(_SQL["drop_jobs"], {"asset_id": asset_id})
    connection.execute(_SQL["make_undivided"], {"asset_id": asset_id})


def ask_for_whole(connection: Connection, asset_id: UUID, job: Job) -> None:
    """Ask for the asset's own job again, on the queue of this one; once while it is open."""
    connection.execute(_SQL["ask_for_whole"], {"asset_id": asset_id, "job_id": job.job_id})


def waiting(connection: Connection, asset_id: UUID) -> list[tuple[UUID, str]]:
    """Jobs of an asset that nobody has taken, with their tasks: its segments in order, and last its own,
    where that is to join them."""
    rows = connection.execute(_SQL["waiting"], {"asset_id": asset_id}).fetchall()
    return [(row["job_id"], row["task"]) for row in rows]


def read_on(connection: Connection, job: Job) -> None:
    """Ask anew for what is still to be read of a job's asset, on which nobody works."""
    connection.execute(_SQL["drop_jobs"], {"asset_id": job.subject_id})
    connection.execute(_SQL["read_on"], {"asset_id": job.subject_id, "job_id": job.job_id})


def halt(connection: Connection, asset_id: UUID) -> None:
    """Nobody reads on: a worker that has a segment finds its lease lost. What was found stays."""
    connection.execute(_SQL["drop_jobs"], {"asset_id": asset_id})


def forget(connection: Connection, asset_id: UUID) -> None:
    """The asset is done, or cannot be read: nothing is left of its segments, nor of their jobs."""
    connection.execute(_SQL["drop_jobs"], {"asset_id": asset_id})
    connection.execute(_SQL["forget"], {"asset_id": asset_id})


def become_assets(connection: Connection, job: Job, asset_id: UUID) -> None:
    """Let the job of a segment that has failed stand for the asset's: that is what can be tried again."""
    connection.execute(_SQL["become_assets"], {"job_id": job.job_id, "asset_id": asset_id})


def tidy(connection: Connection) -> int:
    """Ask again for the asset's job where all segments are done and nobody was asked, and forget divisions on
    which nobody works any more, as when the entry was withdrawn; how many were found."""
    return len(connection.execute(_SQL["tidy"]).fetchall())
