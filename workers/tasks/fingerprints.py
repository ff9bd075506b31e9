"""Fingerprint registered files and segments of long ones. Add new algorithm versions, and values of whole
files, to stored ones."""

from __future__ import annotations

from pathlib import Path

from registry.catalogue.fingerprints.model.algorithms import PDQ
from registry.catalogue.fingerprints.service import (
    add_versions,
    kind_of_job,
    missing_versions,
    save_whole_file,
)
from registry.core.service import Service
from registry.jobs import Job
from workers.app import task
from workers.media import source
from workers.media.limits import Limits
from workers.pipeline import walled
from workers.pipeline.registration import fingerprint, read_segment
from workers.runtime.lease import Progress
from workers.runtime.perform import perform, perform_on_rows


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


@task("fakeprint.hash_whole_file")
def hash_whole_file(job_id: str) -> None:
    """Run the job with this id."""
    perform_on_rows(job_id, _examine)


def _examine(service: Service, job: Job, _progress: Progress) -> None:
    """Read the file of a job. A medium that was withdrawn meanwhile is no failure: nobody waits for it."""
    kind = kind_of_job(service, job)
    if kind is None or job.blob_key is None:
        save_whole_file(service, job, None)
        return
    limits = Limits.of(service.settings)
    with service.blobs.local_path(job.blob_key) as path:
        identified = source.identify(path, limits)
        with walled.opened(path, limits, seconds=service.settings.task_time_limit) as decoding:
            save_whole_file(service, job, decoding.examine(kind), identified.sha256)


def _read(service: Service, job: Job, path: Path, progress: Progress) -> None:
    limits = Limits.of(service.settings)
    with walled.opened(path, limits, seconds=service.settings.task_time_limit) as decoding:
        found = [
            # PDQ tells which moments are worth a vector.
            decoding.whole(progress=progress, faces=False, audio=False, hashers=(PDQ.name, name))
            for name in missing_versions(service, job)
        ]
    add_versions(service, job, found)
