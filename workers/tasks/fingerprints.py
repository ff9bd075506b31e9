"""Fingerprint registered files and segments of long ones, and add new algorithm versions to stored files."""

from __future__ import annotations

from pathlib import Path

from registry.catalogue.fingerprints.service import add_versions, missing_versions
from registry.core.service import Service
from registry.jobs import Job
from workers.app import task
from workers.errors import NoSscd
from workers.hashers import catalogue
from workers.hashers.base import Hasher
from workers.hashers.pdq import Pdq
from workers.media.limits import Limits
from workers.pipeline import fingerprint as pipeline
from workers.pipeline.registration import fingerprint, read_segment
from workers.runtime.lease import Progress
from workers.runtime.perform import perform


@task("fakeprint.fingerprint_asset")
def fingerprint_asset(job_id: str) -> None:
    """Run the job with this id."""
    fingerprint(job_id)


@task("fakeprint.fingerprint_segment")
def fingerprint_segment(job_id: str) -> None:
    """Run the job with this id."""
    read_segment(job_id)


@task("fakeprint.refingerprint_asset")
def refingerprint_asset(job_id: str) -> None:
    """Run the job with this id."""
    perform(job_id, _read)


def _read(service: Service, job: Job, path: Path, progress: Progress) -> None:
    limits = Limits.of(service.settings)
    found = [
        # PDQ tells which moments are worth a vector.
        pipeline.fingerprint_file(
            path, limits=limits, progress=progress, faces=False, audio=False, hashers=(Pdq(), _hasher(name))
        )
        for name in missing_versions(service, job)
    ]
    add_versions(service, job, found)


def _hasher(name: str) -> Hasher:
    found = catalogue.version(name)
    reason = f"{name} is not known here." if found is None else found.available()
    if found is None or reason is not None:
        raise NoSscd(reason or name)
    return found
