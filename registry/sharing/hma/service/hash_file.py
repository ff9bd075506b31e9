"""Hash a file for somebody else's system, as Hasher-Matcher-Actioner does; it is looked up nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal
from uuid import UUID

from registry.catalogue.entries.service.add_media import Upload
from registry.catalogue.fingerprints.model.fingerprint import FULL, Fingerprint
from registry.catalogue.media.service.forget_blob import forget_blob, keep_blob
from registry.core.errors import NotFound
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.jobs.service.admit_work import admit_work
from registry.jobs.service.relay_outbox import wake_workers
from registry.jobs.store import jobs
from registry.jobs.store.jobs import Job
from registry.sharing.hma.store import hashings

Content = Literal["photo", "video"]

KEPT_SECONDS: Final = 3600.0
"""How long hashes are there to be fetched."""
STEP: Final = 1.0
"""Seconds between features of vPDQ."""


def queue_hashing(service: Service, caller: Caller, upload: Upload, content: Content) -> UUID:
    """The id of a file that a worker will hash on the interactive queue; the media is deleted then.

    Raises `Unavailable` (`media_lost`, `queue_full`).
    """
    caller.require("hma")
    admit_work(service, "lookups")
    with service.pool.transaction() as connection:
        keep_blob(service, connection, upload.blob.key, upload.stream)
        hashing_id = hashings.queue(connection, caller.caller_id, content, upload.blob.key)
        jobs.enqueue(connection, "hash_file", hashing_id)
    wake_workers(service)
    return hashing_id


def show_hashing(service: Service, caller: Caller, hashing_id: UUID) -> dict[str, Any]:
    """status, signals, error_code, error_message. Raises `NotFound` (`unknown_hashing`)."""
    with service.pool.transaction() as connection:
        row = hashings.show(connection, caller.caller_id, hashing_id)
    if row is None:
        raise NotFound("The file is not known any more.", code="unknown_hashing", next_step="Send it again.")
    return row


def abandon_hashing(service: Service, caller: Caller, hashing_id: UUID) -> None:
    """Nobody waits for these hashes any more: their job ends with that, and the next sweep lets the file go.
    A worker that has begun finds its lease lost. Raises `NotFound` (`unknown_hashing`)."""
    show_hashing(service, caller, hashing_id)
    with service.pool.transaction() as connection:
        hashings.abandon(connection, hashing_id, "busy", "Nobody waited for it any longer.")


def wanted(service: Service, job: Job) -> Content:
    """What the file of a job was said to be. Raises `NotFound` (`unknown_hashing`) where nobody waits."""
    with service.pool.transaction() as connection:
        found = hashings.content(connection, job.subject_id)
    if found is None:
        raise NotFound("Nobody waits for these hashes.", code="unknown_hashing")
    return "photo" if found == "photo" else "video"


def keep_hashes(service: Service, job: Job, signals: Mapping[str, str]) -> None:
    """A worker has hashed it. Raises `Conflict` (`lease_lost`) where another worker has the job."""
    with service.pool.transaction() as connection:
        jobs.hold(connection, job)
        hashings.done(connection, job.subject_id, signals)
        jobs.finish(connection, job)
    forget_blob(service, job.blob_key)


def pdq_of(fingerprint: Fingerprint) -> str | None:
    """PDQ of a picture, 64 hex digits; None where it has none."""
    found = (frame.pdq for frame in fingerprint.frames if frame.view == FULL and frame.pdq)
    return next((value.hex() for value in found), None)


def vpdq_of(fingerprint: Fingerprint) -> list[str]:
    """Features of a video as vPDQ writes them, `pdq,quality,timestamp` with three decimals, one a second:
    that of the frame which stands at that second."""
    frames = sorted(
        (one for one in fingerprint.frames if one.view == FULL and one.pdq), key=lambda one: one.time
    )
    features: list[str] = []
    place, second = 0, 0.0
    while frames and second < max(fingerprint.media.duration, STEP):
        while place + 1 < len(frames) and frames[place + 1].time <= second:
            place += 1
        frame = frames[place]
        if frame.pdq and frame.time <= second + STEP:
            features.append(f"{frame.pdq.hex()},{frame.quality},{second:.3f}")
        second += STEP
    return features
