"""Durations of jobs and waiting work, for the metrics."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import Any, Final, Literal

from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)

BOUNDS: Final = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0)
"""Upper bounds of the histogram buckets, in seconds."""

Outcome = Literal["done", "failed", "unavailable", "lost"]


@dataclass(frozen=True, slots=True)
class Times:
    """Jobs of a `task` with an `outcome`: `counts` by bucket (one more than bounds), and total `seconds`."""

    task: str
    outcome: str
    counts: tuple[int, ...]
    seconds: float


def add(connection: Connection, task: str, outcome: Outcome, seconds: float) -> None:
    """Count a job that ended."""
    bucket = bisect_left(BOUNDS, seconds)
    parameters = {"task": task, "outcome": outcome, "bucket": bucket, "seconds": seconds}
    connection.execute(_SQL["add"], parameters)


def every(connection: Connection) -> list[Times]:
    """Return all counters."""
    found: dict[tuple[str, str], tuple[list[int], list[float]]] = {}
    for row in connection.execute(_SQL["all"]).fetchall():
        counts, seconds = found.setdefault((row["task"], row["outcome"]), ([0] * (len(BOUNDS) + 1), [0.0]))
        counts[min(row["bucket"], len(BOUNDS))] += row["count"]
        seconds[0] += row["seconds"]
    return [Times(*key, tuple(counts), seconds[0]) for key, (counts, seconds) in found.items()]


def open_jobs(connection: Connection) -> list[dict[str, Any]]:
    """Return task, status, depth, oldest_seconds."""
    return connection.execute(_SQL["open"]).fetchall()


def dead_letters(connection: Connection) -> int:
    """Count the unsettled dead letters."""
    row = connection.execute(_SQL["dead"]).fetchone()
    return int(row["dead"]) if row else 0


def swept(connection: Connection) -> float | None:
    """Return when jobs were last swept (Unix time); None if never."""
    row = connection.execute(_SQL["swept"]).fetchone()
    return float(row["swept_at"]) if row else None


def outbox(connection: Connection) -> dict[str, Any]:
    """Return messages, oldest_seconds."""
    return connection.execute(_SQL["outbox"]).fetchone() or {"messages": 0, "oldest_seconds": 0.0}
