"""Read one segment of a long video that is being registered."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Final

from registry.actions.finish_segment import find_segment, finish_segment, give_segments_up
from registry.actions.service import Service
from registry.errors import BadMedia
from registry.store.jobs import Job
from workers import segments
from workers.app import task
from workers.lease import Progress
from workers.media.limits import Limits
from workers.media.pieces import NotDivisible
from workers.perform import perform

log = logging.getLogger(__name__)

COSTLY: Final = frozenset({"too_large", "timed_out"})
"""What would not go better in one piece."""


@task("fakeprint.fingerprint_segment")
def fingerprint_segment(job_id: str) -> None:
    """Do the job of that id."""
    perform(job_id, _read)


def _read(service: Service, job: Job, path: Path, progress: Progress) -> None:
    segment = find_segment(service, job)
    limits = Limits.of(service.settings)
    try:
        found = segments.read(path, limits, segment.plan, segment.task, progress)
    except (BadMedia, NotDivisible) as error:
        if error.code in COSTLY:
            raise
        log.info("the video is read in one piece: %s", error.message)
        give_segments_up(service, job, segment)
    else:
        finish_segment(service, job, segment, found)
