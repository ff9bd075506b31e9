"""A worker has fingerprinted an asset."""

from __future__ import annotations

from registry.actions.forget_blob import forget_blob
from registry.actions.service import Service
from registry.domain.fingerprint import Fingerprint
from registry.errors import BadMedia
from registry.store import assets, entries, fingerprints, jobs
from registry.store.jobs import Job


def enrol_fingerprint(service: Service, job: Job, fingerprint: Fingerprint) -> None:
    """Store the fingerprint and open, in the same commit, every entry that only waited for it.

    Raises `Conflict` (`lease_lost`) where another worker has the job, `BadMedia` (`blob_corrupt`) where
    the media is not what was registered.
    """
    keep = service.settings.keep_media
    with service.pool.transaction() as connection:
        jobs.hold(connection, job)
        entries.lock_of_asset(connection, job.subject_id)
        sha256 = assets.fingerprinted(
            connection, job.subject_id, fingerprint.media, fingerprint.notes, keep_media=keep
        )
        if sha256 != fingerprint.media.sha256:
            raise BadMedia("The kept media is not what was registered.", code="blob_corrupt")
        fingerprints.replace(connection, job.subject_id, fingerprint, recomputed=True)
        entries.verify(connection, job.subject_id)
        entries.settle(connection, job.subject_id)
        jobs.finish(connection, job.job_id)
    if not keep:
        forget_blob(service, job.blob_key)
