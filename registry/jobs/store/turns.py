"""Whose turn it is among the callers whose files wait."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final
from uuid import UUID

from registry.core.database import sql
from registry.core.database.pool import Connection
from registry.jobs.store.jobs import Job

_SQL = sql.load(__name__)

WINDOW: Final = 60.0
"""Most seconds of the past in which the time that a caller's jobs took counts for its next turn. It counts
only since the oldest waiting file came: what was taken before kept nobody waiting who waits now."""
LEAST: Final = 0.05
"""Seconds that a job counts for at least, so that of many tiny files each counts."""
PATIENCE: Final = 0.1
"""Seconds that a file waits before another gives way to it. A free process takes it sooner."""


def is_last(connection: Connection, queue: str, pool: str, processes: int) -> bool:
    """Return whether all other processes of a pool have a job of the queue. The others look for their next
    job after this transaction."""
    connection.execute(_SQL["lock_pool"], {"pool": pool})
    row = connection.execute(_SQL["busy"], {"queue": queue, "pool": pool}).fetchone()
    return bool(row and row["busy"] >= processes - 1)


def next_in_turn(
    connection: Connection, queue: str, tasks: Collection[str], *, max_attempts: int, last: bool = False
) -> UUID | None:
    """Return the next waiting job of these tasks on a queue: of the caller whose jobs took least time lately,
    in the organization whose did. None if none waits. `last`: an organization that runs one has no turn."""
    parameters = {
        "queue": queue,
        "tasks": list(tasks),
        "max_attempts": max_attempts,
        "window": WINDOW,
        "least": LEAST,
        "last": last,
    }
    row = connection.execute(_SQL["used_fragment"] + _SQL["next_in_turn"], parameters).fetchone()
    return row["job_id"] if row else None


def gives_way(connection: Connection, job: Job, tasks: Collection[str], *, max_attempts: int) -> bool:
    """Return whether a caller waits that runs none on the job's queue and took less time lately. Jobs of
    organizations that took more give way first."""
    parameters = {
        "job_id": job.job_id,
        "queue": job.queue,
        "tasks": list(tasks),
        "max_attempts": max_attempts,
        "patience": PATIENCE,
        "window": WINDOW,
        "least": LEAST,
    }
    row = connection.execute(_SQL["used_fragment"] + _SQL["gives_way"], parameters).fetchone()
    return bool(row and row["gives_way"])


def move(connection: Connection, job: Job, *, most: int) -> None:
    """End the job, and put its work at the end of the queue `media`; of `bulk`, if it was there, or if `most`
    files of its organization that were put there are open."""
    connection.execute(_SQL["move"], {"job_id": job.job_id, "most": most})
