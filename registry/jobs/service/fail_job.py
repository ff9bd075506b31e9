"""A job could not be done."""

from __future__ import annotations

import logging
import random
from typing import Final
from uuid import UUID

from registry.catalogue.entries.store import assets, entries
from registry.catalogue.fingerprints.store import segments
from registry.catalogue.media.service.forget_blob import forget_blob
from registry.catalogue.previews import store as stills
from registry.core import backoff
from registry.core.audit.service.record_event import event, record_events
from registry.core.database.pool import Connection
from registry.core.errors import FakeprintError, Unavailable
from registry.core.service import Service
from registry.jobs.model import lease
from registry.jobs.store import jobs, leases
from registry.jobs.store.jobs import Job
from registry.matching.lookups.store import lookups
from registry.persons import store as persons
from registry.persons.photos import store as person_photos
from registry.sharing.hma.store import hashings

FORGETS: Final = frozenset({"answer_lookup", "hash_file"})
"""Tasks whose media are let go once they have ended (`forget_blob`)."""
_AWAITED: Final = frozenset({"hash_file"})
"""Tasks for whose result a request stays open: they are deferred no oftener than others are tried, for nobody
hears of it later, and leave no dead letter, for whoever waits is told, and sends the file again."""
_OF_THE_STORE: Final = frozenset({"blob_corrupt", "media_gone"})
"""Codes that are told like the media's own faults, and are the deployment's: what was read of such media is
worth nothing."""
_NOT_THE_MEDIAS: Final = _OF_THE_STORE | {"timed_out"}
_ONCE_MORE: Final = frozenset({"timed_out", "too_large"})
"""What its worker may have been the cause of, where a segment meets it: its size was chosen to fit."""

log = logging.getLogger(__name__)


def fail_job(service: Service, job: Job, error: FakeprintError) -> None:
    """Record why. What may pass by itself (`Unavailable`) is tried again later, ever more rarely and
    `max_deferrals` times at most, and counts as no attempt: a store that is away for an hour loses nothing.
    A segment of a long video that meets an error not its media's is begun again alone, `max_attempts` times
    in all (twice where it took too long, or too much memory).
    Anything else fails for good: the asset and its entries, or the lookup, show the reason; what is not the
    media's own fault is a dead letter beside that (`list_jobs`). An entry whose relatives could not be looked
    for goes on answering; the sweeper asks for it again later.

    Raises `Conflict` (`lease_lost`) where another worker has the job.
    """
    with service.pool.transaction() as connection:
        lock_subject(connection, job)
        jobs.hold(connection, job)
        if isinstance(error, Unavailable) and job.deferrals + 1 < most_deferrals(service, job):
            jobs.defer(connection, job, error.code, error.message, delay=_delay(job))
            log.info("job deferred", extra={"code": error.code, "task": job.task})
            return
        if job.task == "fingerprint_segment" and job.attempts < _tries(service, error):
            again = lease.FIRST_DEFERRAL
            leases.give_back(connection, job.job_id, error.code, error.message, delay=again)
            log.warning("segment tried again", extra={"code": error.code, "attempt": job.attempts})
            return
        dead = error.status >= 500 or error.code in _NOT_THE_MEDIAS
        give_up(connection, job, error.code, error.message, dead=dead)
    log.info("job failed", extra={"code": error.code, "task": job.task, "job_id": str(job.job_id)})
    if job.task in FORGETS:
        forget_blob(service, job.blob_key)


def most_deferrals(service: Service, job: Job) -> int:
    """How often it may be deferred: what it needs was away, or its worker was told to end."""
    settings = service.settings
    return settings.max_attempts if job.task in _AWAITED else settings.max_deferrals


def _tries(service: Service, error: FakeprintError) -> int:
    """How often a segment is begun that meets this."""
    most = service.settings.max_attempts
    if error.code in _ONCE_MORE:
        return min(most, 2)
    return most if error.status >= 500 and not isinstance(error, Unavailable) else 1


def _delay(job: Job) -> float:
    """Seconds until it is tried again."""
    draw = random.random()  # noqa: S311 - a spread, no secret
    first, longest = lease.FIRST_DEFERRAL, lease.LONGEST_DEFERRAL
    return backoff.delay(job.deferrals + 1, draw, first=first, longest=longest)


def lock_subject(connection: Connection, job: Job) -> None:
    """Lock the entries, or the person, that wait for the job: before the job itself, as everybody does."""
    if (asset_id := _asset(connection, job)) is not None:
        entries.lock_of_asset(connection, asset_id)
        segments.lock(connection, asset_id)
    elif job.task == "read_photo" and (person_id := person_photos.whose(connection, job.subject_id)):
        persons.lock_any(connection, person_id)
    elif job.task == "make_stills":
        stills.lock(connection, job.subject_id)


def _asset(connection: Connection, job: Job) -> UUID | None:
    """The asset that a job fingerprints, the whole or a segment of it."""
    if job.task == "fingerprint_segment":
        return segments.asset_of(connection, job.subject_id)
    return job.subject_id if job.task == "fingerprint_asset" else None


def give_up(connection: Connection, job: Job, code: str, message: str, *, dead: bool) -> None:
    """Fail a job and its subject, in the caller's transaction, after `lock_subject` and locking the job.
    `dead`: it is a dead letter, for whoever runs the deployment, unless somebody waits for the answer; what
    segments of its asset found is kept until somebody settles it (a week at most), so that a retry reads only
    the rest."""
    dead = dead and job.task not in _AWAITED
    jobs.fail(connection, job.job_id, code, message, dead=dead)
    if (asset_id := _asset(connection, job)) is not None:
        if job.task == "fingerprint_segment":
            segments.become_assets(connection, job, asset_id)
        if dead and code not in _OF_THE_STORE:
            segments.halt(connection, asset_id)
        else:
            segments.forget(connection, asset_id)
        assets.fail(connection, asset_id, code, message)
        failed = entries.fail(connection, asset_id, code, message)
        subject = {"asset_id": asset_id}
        record_events(
            connection,
            [event(None, "entry.failed", whose, one, subject, {"code": code}) for one, whose in failed],
        )
    elif job.task == "answer_lookup":
        lookups.fail(connection, job.subject_id, code, message)
    elif job.task == "hash_file":
        hashings.fail(connection, job.subject_id, code, message)
    elif job.task == "read_photo":
        person_photos.fail(connection, job.subject_id, "too_large" if code == "too_large" else "not_read")
    elif job.task == "make_stills":
        stills.fail(connection, job.subject_id, code)
