"""A worker has read a segment of a long video."""

from __future__ import annotations

from registry.catalogue.fingerprints.store import segments
from registry.catalogue.fingerprints.store.segments import Segment
from registry.core.errors import Conflict
from registry.core.service import Service
from registry.jobs.service.relay_outbox import wake_workers
from registry.jobs.store import jobs
from registry.jobs.store.jobs import Job


def find_segment(service: Service, job: Job) -> Segment:
    """What is to be read. Raises `Conflict` (`lease_lost`) where nobody waits for it any more."""
    with service.pool.transaction() as connection:
        segment = segments.find(connection, job.subject_id)
    if segment is None:
        raise _gone()
    return segment


def finish_segment(service: Service, job: Job, segment: Segment, found: bytes) -> None:
    """Keep what was found, count it, and with the last one ask for the joining: all in one commit, under the
    fence, so that it happens once.

    Raises `Conflict` (`lease_lost`) where another worker has the job, or nobody waits any more.
    """
    with service.pool.transaction() as connection:
        if segments.lock(connection, segment.asset_id) is None:
            raise _gone()
        jobs.hold(connection, job)
        remaining = segments.keep(connection, job, found)
        if remaining == 0:
            segments.ask_for_whole(connection, segment.asset_id, job)
        jobs.finish(connection, job)
    if remaining == 0:
        wake_workers(service)


def give_segments_up(service: Service, job: Job, segment: Segment) -> None:
    """The video cannot be read in pieces: end all its segments, and ask for it in one.

    Raises `Conflict` (`lease_lost`) as `finish_segment` does.
    """
    with service.pool.transaction() as connection:
        if segments.lock(connection, segment.asset_id) is None:
            raise _gone()
        jobs.hold(connection, job)
        segments.ask_for_whole(connection, segment.asset_id, job)
        segments.make_undivided(connection, segment.asset_id)
    wake_workers(service)


def _gone() -> Conflict:
    return Conflict("Nobody waits for this segment.", code="lease_lost")
