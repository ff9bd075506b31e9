"""Handlers of failed fingerprinting jobs: what happens to the asset and its entries."""

from __future__ import annotations

from uuid import UUID

from registry import jobs
from registry.catalogue.entries.store import entries
from registry.catalogue.fingerprints.store import segments
from registry.catalogue.media.store import assets
from registry.core.audit.service import event, record_events
from registry.core.database.pool import Connection
from registry.core.service import Service
from registry.jobs import Job
from registry.jobs.service.handlers import Again, Failure, Handler
from registry.jobs.service.jobs import OF_THE_STORE


def _lock_asset(connection: Connection, job: Job) -> None:
    _lock(connection, job.subject_id)


def _lock_segment(connection: Connection, job: Job) -> None:
    if (asset_id := segments.asset_of(connection, job.subject_id)) is not None:
        _lock(connection, asset_id)


def _lock(connection: Connection, asset_id: UUID) -> None:
    entries.lock_of_asset(connection, asset_id)
    segments.lock(connection, asset_id)


def _fail_asset(connection: Connection, job: Job, failure: Failure) -> None:
    _fail(connection, job.subject_id, failure)


def _fail_segment(connection: Connection, job: Job, failure: Failure) -> None:
    """Fail the segment's asset. The job refers to the asset from now on, because only the asset can be
    retried."""
    if (asset_id := segments.asset_of(connection, job.subject_id)) is not None:
        jobs.reassign(connection, job, "fingerprint_asset", asset_id)
        _fail(connection, asset_id, failure)


def _fail(connection: Connection, asset_id: UUID, failure: Failure) -> None:
    """Fail the asset and its entries.

    For a dead letter the segments' results are kept until it is settled (a week at most). A retry then reads
    only the rest.
    """
    if failure.dead and failure.code not in OF_THE_STORE:
        segments.halt(connection, asset_id)
    else:
        segments.forget(connection, asset_id)
    assets.fail(connection, asset_id, failure.code, failure.message)
    failed = entries.fail(connection, asset_id, failure.code, failure.message)
    subject, details = {"asset_id": asset_id}, {"code": failure.code}
    record_events(
        connection,
        [event(None, "entry.failed", owner_id, entry_id, subject, details) for entry_id, owner_id in failed],
    )


def _retry_asset(_service: Service, connection: Connection, job: Job) -> Again:
    if assets.blob_of(connection, job.subject_id) is None:
        return Again.GONE
    assets.reset(connection, job.subject_id)
    entries.reopen(connection, job.subject_id)
    return Again.ENQUEUE


FINGERPRINT_ASSET = Handler(lock=_lock_asset, fail=_fail_asset, retry=_retry_asset)
FINGERPRINT_SEGMENT = Handler(lock=_lock_segment, fail=_fail_segment, tried_alone=True)
