"""A worker has fingerprinted an asset."""

from __future__ import annotations

from dataclasses import replace

from registry.catalogue.entries.service.check_stated import stated, suspend_forged
from registry.catalogue.entries.service.events import fingerprint_replaced, media_enrolled
from registry.catalogue.entries.service.settle_entries import settle_entries
from registry.catalogue.entries.store import assets, entries
from registry.catalogue.fingerprints.model import enrolment
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.catalogue.fingerprints.service.record_fingerprint import record_fingerprint
from registry.catalogue.fingerprints.service.refingerprint import seek_versions
from registry.catalogue.fingerprints.store import fingerprints, segments
from registry.catalogue.media.service.forget_blob import forget_blob
from registry.catalogue.provenance import store as manifests
from registry.catalogue.provenance.model.provenance import Manifest
from registry.core.errors import BadMedia
from registry.core.service import Service
from registry.jobs.service.relay_outbox import wake_workers
from registry.jobs.store import jobs
from registry.jobs.store.jobs import Job


def enrol_fingerprint(
    service: Service, job: Job, fingerprint: Fingerprint, manifest: Manifest | None = None
) -> None:
    """Store the fingerprint, and what the medium says of its origin where that was read, and open, in the
    same commit, every entry that only waited for it.

    Raises `Conflict` (`lease_lost`) where another worker has the job, `BadMedia` where the media is
    not what was registered (`blob_corrupt`), or nothing of it can be compared (`low_information`).
    """
    keep = service.settings.keep_media
    with service.pool.transaction() as connection:
        # Minutes for long media, so before anything is locked that the lease's renewal or others wait for.
        document = stated(connection, job.subject_id)
        if document is None:
            # Of a medium whose document was believed until now, that document is what is at fault.
            enrolment.check_media(fingerprint)
        fingerprints.write(connection, job.subject_id, fingerprint)
        entries.lock_of_asset(connection, job.subject_id)
        segments.forget(connection, job.subject_id)
        sha256 = assets.fingerprinted(
            connection,
            job.subject_id,
            fingerprint.media,
            enrolment.notes(fingerprint),
            keep_media=keep,
            recomputed=True,
        )
        if sha256 != fingerprint.media.sha256:
            raise BadMedia("The kept media is not what was registered.", code="blob_corrupt")
        if manifest is not None:
            # Small pictures of a medium that is not kept are not kept either; what was read of it is.
            shown = manifest.pictures and not keep
            manifests.write(connection, job.subject_id, replace(manifest, store=None) if shown else manifest)
        fingerprints.supersede(connection, job.subject_id, fingerprint, recomputed=True)
        fingerprint_replaced(connection, job.subject_id)
        record_fingerprint(connection, None, job.subject_id)
        settle_entries(connection, None, job.subject_id)
        suspend_forged(connection, job.subject_id, document, fingerprint)
        media_enrolled(connection, job.subject_id)
        seek_versions(connection, job)
        jobs.hold(connection, job)
        jobs.finish(connection, job)
    wake_workers(service)
    if not keep:
        forget_blob(service, job.blob_key)
