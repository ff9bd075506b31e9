"""Table of handlers: what each task's owner does when a job fails or is retried. `registry/app/wiring.py`
fills it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final
from uuid import UUID

from registry.core.database.pool import Connection
from registry.core.service import Service
from registry.jobs.store.jobs import Job, Task


class Again(Enum):
    """How a failed job is retried: with a new job, without one, or not at all because the media is gone."""

    ENQUEUE = auto()
    DONE = auto()
    GONE = auto()


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a job failed. `dead`: it becomes a dead letter."""

    code: str
    message: str
    dead: bool


@dataclass(frozen=True, slots=True)
class Handler:
    """Failure handling of one task.

    `lock` locks the rows that wait for a job, before the job itself is locked. `fail` records the failure in
    them, in the same transaction. `after` runs after the commit. `retry` resets the rows so that they wait
    again. `closed` returns whether the caller's organization is closed, and prevents it from closing
    meanwhile.
    """

    lock: Callable[[Connection, Job], None] | None = None
    fail: Callable[[Connection, Job, Failure], None] | None = None
    after: Callable[[Service, Job], None] | None = None
    retry: Callable[[Service, Connection, Job], Again] | None = None
    closed: Callable[[Connection, UUID], bool] | None = None
    keeps_media: bool = True
    """Whether the media of a failed job is kept, so that the job can be retried."""
    awaited: bool = False
    """A request waits for the result. The job is deferred at most as often as other jobs are attempted, and
    leaves no dead letter: the caller gets the error and sends the file again."""
    tried_alone: bool = False
    """A job that meets an error not caused by its media is restarted, `max_attempts` times in all."""


HANDLERS: Final[dict[Task, Handler]] = {}
"""Handlers by task. A task without a handler cannot fail: `fail_job` raises `KeyError`."""


def lock_subject(connection: Connection, job: Job) -> None:
    """Lock the rows that wait for a job. All code locks them before the job, to avoid deadlocks."""
    if lock := HANDLERS[job.task].lock:
        lock(connection, job)


def clean_up(service: Service, job: Job) -> None:
    """Run the handler's follow-up of a committed failure."""
    if after := HANDLERS[job.task].after:
        after(service, job)
