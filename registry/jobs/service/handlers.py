"""What the owner of a task adds to its jobs. `registry/app/wiring.py` fills the table."""

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
    """What a retry of a failed job takes: a new job, nothing more, or media that is no longer kept."""

    ENQUEUE = auto()
    DONE = auto()
    GONE = auto()


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a job has failed. `dead`: it is a dead letter."""

    code: str
    message: str
    dead: bool


@dataclass(frozen=True, slots=True)
class Handler:
    """The failures of one task.

    `lock` locks the rows that wait for a job, before the job itself. `fail` writes the failure to them, in
    the same transaction. `after` follows the commit. `retry` has them wait again. `closed` tells whether the
    organization that asked is closed, and keeps it from closing meanwhile.
    """

    lock: Callable[[Connection, Job], None] | None = None
    fail: Callable[[Connection, Job, Failure], None] | None = None
    after: Callable[[Service, Job], None] | None = None
    retry: Callable[[Service, Connection, Job], Again] | None = None
    closed: Callable[[Connection, UUID], bool] | None = None
    keeps_media: bool = True
    """The media of a failed job is kept, so that the job can be tried again."""
    awaited: bool = False
    """A request stays open for the result. The job is deferred no oftener than others are tried, and leaves
    no dead letter: whoever waits is told, and sends the file again."""
    tried_alone: bool = False
    """A job that meets an error which is not its media's is begun again, `max_attempts` times in all."""


HANDLERS: Final[dict[Task, Handler]] = {}
"""By task. A task without a handler cannot fail: `fail_job` raises `KeyError`."""


def lock_subject(connection: Connection, job: Job) -> None:
    """Lock the rows that wait for a job: before the job itself, as everybody does."""
    if lock := HANDLERS[job.task].lock:
        lock(connection, job)


def clean_up(service: Service, job: Job) -> None:
    """Do what follows a failure that is committed."""
    if after := HANDLERS[job.task].after:
        after(service, job)
