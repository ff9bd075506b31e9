"""What is measured of jobs and waiting work. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

BOUNDS: Final = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0)
"""Upper bounds of the histogram buckets, in seconds."""

Outcome = Literal["done", "failed", "unavailable", "lost"]


@dataclass(frozen=True, slots=True)
class Durations:
    """Jobs of a `task` with an `outcome`: `counts` by bucket (one more than bounds), and total `seconds`."""

    task: str
    outcome: str
    counts: tuple[int, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class QueueDepth:
    """Open jobs of a queue, and how long the oldest runnable job has waited that nobody works on."""

    queue: str
    depth: int
    oldest_seconds: float


@dataclass(frozen=True, slots=True)
class TaskDepth:
    """Open jobs of a task by status, and the age of the oldest."""

    task: str
    status: str
    depth: int
    oldest_seconds: float


@dataclass(frozen=True, slots=True)
class Backlog:
    """Messages that the broker has not taken yet, and the age of the oldest."""

    messages: int
    oldest_seconds: float


@dataclass(frozen=True, slots=True)
class JobCounts:
    """Open jobs by queue and by task, unsettled dead letters, and messages not yet sent to the broker."""

    queues: list[QueueDepth]
    open: list[TaskDepth]
    dead: int
    outbox: Backlog
