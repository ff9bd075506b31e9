"""Durations of jobs and waiting work, for the metrics."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping
from typing import Any, Final

from registry.core.database import sql
from registry.core.database.pool import Connection
from registry.core.tally import MOST, Tally
from registry.jobs.model.metrics import BOUNDS, Backlog, Durations, Outcome, QueueDepth, TaskDepth

_SQL = sql.load(__name__)


def add_duration(connection: Connection, task: str, outcome: Outcome, seconds: float) -> None:
    """Count a job that ended."""
    bucket = bisect_left(BOUNDS, seconds)
    parameters = {"task": task, "outcome": outcome, "bucket": bucket, "seconds": seconds}
    connection.execute(_SQL["add_duration"], parameters)


def durations(connection: Connection) -> list[Durations]:
    """Return all counters."""
    counters: dict[tuple[str, str], tuple[list[int], list[float]]] = {}
    for row in connection.execute(_SQL["durations"]).fetchall():
        counts, seconds = counters.setdefault((row["task"], row["outcome"]), ([0] * (len(BOUNDS) + 1), [0.0]))
        counts[min(row["bucket"], len(BOUNDS))] += row["count"]
        seconds[0] += row["seconds"]
    return [Durations(*key, tuple(counts), seconds[0]) for key, (counts, seconds) in counters.items()]


def queue_depths(connection: Connection) -> list[QueueDepth]:
    """Return the queues with open jobs, by name."""
    return [QueueDepth(**row) for row in connection.execute(_SQL["queue_depths"]).fetchall()]


def task_depths(connection: Connection) -> list[TaskDepth]:
    """Return open jobs by task and status."""
    return [TaskDepth(**row) for row in connection.execute(_SQL["task_depths"]).fetchall()]


def dead_letters(connection: Connection) -> int:
    """Count the unsettled dead letters."""
    row = connection.execute(_SQL["dead_letters"]).fetchone()
    return int(row["dead"]) if row else 0


def tally_dead_letters(connection: Connection) -> Tally:
    """Count the unsettled dead letters, up to a limit."""
    row = connection.execute(_SQL["waiting_letters"], {"limit": MOST}).fetchone()
    return Tally(**row) if row else Tally()


def swept_at(connection: Connection) -> float | None:
    """Return when jobs were last swept (Unix time); None if never."""
    row = connection.execute(_SQL["swept_at"]).fetchone()
    return float(row["swept_at"]) if row else None


def backlog(connection: Connection) -> Backlog:
    """Return the state of the outbox."""
    row = connection.execute(_SQL["backlog"]).fetchone()
    return Backlog(**row) if row else Backlog(0, 0.0)


QUERIES: Final[Mapping[str, Callable[[Connection], Any]]] = {
    "swept": swept_at,
    "queues": queue_depths,
    "jobs": task_depths,
    "dead": dead_letters,
    "outbox": backlog,
    "times": durations,
}
"""The metrics of this room by name."""
