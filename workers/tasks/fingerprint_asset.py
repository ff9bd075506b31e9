"""Fingerprint a registered file and enrol it."""

from __future__ import annotations

from pathlib import Path

from registry.actions.enrol_fingerprint import enrol_fingerprint
from registry.actions.service import Service
from registry.store.jobs import Job
from workers import pipeline
from workers.app import task
from workers.lease import Progress
from workers.media.limits import Limits
from workers.perform import perform
from workers.provenance import read_manifest, trust_list


@task("fakeprint.fingerprint_asset")
def fingerprint_asset(job_id: str) -> None:
    """Do the job of that id."""
    perform(job_id, _enrol)


def _enrol(service: Service, job: Job, path: Path, progress: Progress) -> None:
    limits = Limits.of(service.settings)
    found = pipeline.fingerprint_file(path, limits=limits, progress=progress, videohash=True)
    enrol_fingerprint(service, job, found, read_manifest(path, trust_list(service.settings)))
