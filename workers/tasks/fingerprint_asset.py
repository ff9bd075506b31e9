"""Fingerprint a registered file and enrol it; a long video by segments, which ask for this job again when the
last is read."""

from __future__ import annotations

import logging
from pathlib import Path

from registry.actions.divide_asset import divide_asset
from registry.actions.enrol_fingerprint import enrol_fingerprint
from registry.actions.find_division import Found, find_division, read_in_one
from registry.actions.service import Service
from registry.domain.fingerprint import Fingerprint
from registry.store.jobs import Job
from workers import pipeline, segments
from workers.app import task
from workers.lease import Progress
from workers.media.limits import Limits
from workers.media.pieces import NotDivisible
from workers.perform import perform
from workers.provenance import read_manifest, trust_list

log = logging.getLogger(__name__)


@task("fakeprint.fingerprint_asset")
def fingerprint_asset(job_id: str) -> None:
    """Do the job of that id."""
    perform(job_id, _enrol)


def _enrol(service: Service, job: Job, path: Path, progress: Progress) -> None:
    limits = Limits.of(service.settings)
    division = find_division(service, job)
    if division.state == "waits":
        return
    if division.state == "none":
        plan = segments.plan(path, limits, longer=service.settings.split_seconds)
        if plan is not None:
            divide_asset(service, job, plan.shared, plan.tasks)
            return
    found = _joined(service, job, path, progress, division) if division.plan is not None else None
    if found is None:
        found = pipeline.fingerprint_file(path, limits=limits, progress=progress, videohash=True)
    enrol_fingerprint(service, job, found, read_manifest(path, trust_list(service.settings)))


def _joined(
    service: Service, job: Job, path: Path, progress: Progress, division: Found
) -> Fingerprint | None:
    """What the segments make together; None where they do not fit, so that it is read in one."""
    try:
        limits = Limits.of(service.settings)
        return segments.join(path, limits, division.plan or {}, division.found, progress)
    except NotDivisible as error:
        log.warning("the video is read in one piece: %s", error.message)
        read_in_one(service, job)
        return None
