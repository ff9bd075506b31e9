"""What has become of the segments of a long video."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from registry.catalogue.fingerprints.store import segments
from registry.core.service import Service
from registry.jobs.service.relay_outbox import wake_workers
from registry.jobs.store import jobs
from registry.jobs.store.jobs import Job


@dataclass(frozen=True, slots=True)
class Found:
    """`none`: it is not divided. `waits`: segments are out, the job has ended, the last of them asks for it
    again. `whole`: it is to be read in one. `joinable`: `found` is what the segments found, in order."""

    state: Literal["none", "waits", "whole", "joinable"]
    plan: Mapping[str, Any] | None = None
    found: tuple[bytes, ...] = ()


def find_division(service: Service, job: Job) -> Found:
    """How the video of a job stands. Raises `Conflict` (`lease_lost`) where another worker has the job."""
    again = False
    with service.pool.transaction() as connection:
        # Locked: a segment that ends now either finds this job open, and this sees it, or asks for it anew.
        division = segments.lock(connection, job.subject_id)
        if division is None:
            return Found("none")
        if division.undivided:
            return Found("whole")
        if not division.remaining:
            return Found("joinable", division.plan, tuple(segments.found(connection, job.subject_id)))
        if not segments.is_read(connection, job.subject_id):
            # As when one of them was given up, and is retried: what the others found is there.
            segments.read_on(connection, job)
            again = True
        jobs.finish(connection, job)
    if again:
        wake_workers(service)
    return Found("waits")


def waiting_jobs(service: Service, asset_id: UUID) -> list[tuple[UUID, str]]:
    """Jobs of a video that nobody has taken, with their tasks: its segments in order, and last its own, where
    that is to join them: whatever reads a file in one has the whole time of its own message."""
    with service.pool.transaction() as connection:
        return segments.waiting(connection, asset_id)


def read_in_one(service: Service, job: Job) -> None:
    """The segments of a job's video do not fit together: from now on it is read in one. Raises `Conflict`
    (`lease_lost`) where another worker has the job."""
    with service.pool.transaction() as connection:
        division = segments.lock(connection, job.subject_id)
        jobs.hold(connection, job)
        if division is not None:
            segments.make_undivided(connection, job.subject_id)
