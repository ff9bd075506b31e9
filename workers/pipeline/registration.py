"""The work of registration: fingerprint and enrol a file, or a long video by segments.

A worker that has divided a video, or read one of its segments, goes on with segments that nobody has taken.
After the last one it joins them. So a video at the head of a long queue does not return to its end, and other
workers help when they are free. A worker that was told to shut down begins no other segment.
"""

from __future__ import annotations

import logging
from pathlib import Path
from time import monotonic
from typing import Final
from uuid import UUID

from registry.catalogue.entries.service.registration import enrol_fingerprint
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.catalogue.fingerprints.service import (
    DivisionState,
    divide_asset,
    find_division,
    find_segment,
    finish_segment,
    give_segments_up,
    read_in_one,
    waiting_jobs,
)
from registry.core.errors import BadMedia, Unavailable
from registry.core.service import Service
from registry.jobs import Job
from workers.app import service as this_process
from workers.errors import NotDivisible
from workers.media.limits import Limits
from workers.media.source import md5_of
from workers.pipeline import walled
from workers.pipeline.walled import Decoding
from workers.provenance import read_manifest, trust_of
from workers.runtime import shutdown
from workers.runtime.lease import Progress
from workers.runtime.perform import Work, perform, perform_handed_over

log = logging.getLogger(__name__)

COSTLY: Final = frozenset({"too_large", "timed_out"})
"""Error codes that reading in one piece would not avoid."""
GO_ON: Final = 0.3
"""Share of a task's time limit in which another segment may begin. The others are left to their messages."""


def fingerprint(job_id: str) -> None:
    """Do the job of an asset, or divide it and go on with its segments."""
    _go_on(job_id, _enrol)


def read_segment(job_id: str) -> None:
    """Do the job of a segment, and go on with waiting segments of the same video."""
    _go_on(job_id, _read)


def _go_on(job_id: str, work: Work) -> None:
    until = monotonic() + this_process().settings.task_time_limit * GO_ON
    assets: list[UUID] = []

    def noted(service: Service, job: Job, path: Path, progress: Progress) -> None:
        asset_id = find_segment(service, job).asset_id if work is _read else job.subject_id
        work(service, job, path, progress)
        assets.append(asset_id)

    perform(job_id, noted, late=perform_handed_over())
    done = {job_id}
    while assets and monotonic() < until and not shutdown.requested():
        try:
            waiting = waiting_jobs(this_process(), assets[0])
        except Unavailable as error:
            log.warning("the next segment comes by its message: %s", error.message)
            return
        ahead = next(((asset_id, task) for asset_id, task in waiting if str(asset_id) not in done), None)
        if ahead is None:
            return
        done.add(str(ahead[0]))
        perform(str(ahead[0]), _read if ahead[1] == "fingerprint_segment" else _enrol, late=True)


def _enrol(service: Service, job: Job, path: Path, progress: Progress) -> None:
    division = find_division(service, job)
    if division.state == "waits":
        return
    limits, seconds = Limits.of(service.settings), service.settings.task_time_limit
    with walled.opened(path, limits, seconds=seconds) as decoding:
        longer = service.settings.split_seconds
        if division.state == "none" and longer:
            plan = decoding.plan(longer=longer)
            if plan is not None:
                divide_asset(service, job, plan.shared, plan.tasks)
                return
        found = _joined(service, job, decoding, progress, division)
        if found is None:
            found = decoding.whole(progress=progress)
    manifest = read_manifest(path, trust_of(service.settings))
    enrol_fingerprint(service, job, found, manifest, md5_of(path))


def _joined(
    service: Service, job: Job, decoding: Decoding, progress: Progress, division: DivisionState
) -> Fingerprint | None:
    """Join the segments into a fingerprint.

    None if there are no segments, or if they do not fit, so that the video is read in one piece.
    """
    if division.plan is None:
        return None
    try:
        return decoding.joined(division.plan, division.results, progress)
    except NotDivisible as error:
        log.warning("the video is read in one piece: %s", error.message)
        read_in_one(service, job)
        return None


def _read(service: Service, job: Job, path: Path, progress: Progress) -> None:
    segment = find_segment(service, job)
    limits, seconds = Limits.of(service.settings), service.settings.task_time_limit
    try:
        pieces = segment.plan.get("pieces", 1)
        with walled.opened(path, limits, seconds=seconds, pieces=pieces) as decoding:
            found = decoding.segment(segment.plan, segment.task, progress)
    except (BadMedia, NotDivisible) as error:
        if error.code in COSTLY:
            raise
        log.warning("the video is read in one piece: %s", error.message)
        give_segments_up(service, job, segment)
    else:
        finish_segment(service, job, segment, found)
