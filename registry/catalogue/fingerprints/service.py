"""Record fingerprints of registered media, fingerprint long videos in segments, and recompute
fingerprints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal
from uuid import UUID

from registry import jobs
from registry.catalogue.entries.store import entries
from registry.catalogue.fingerprints.errors import MomentsDiffer, UnknownAlgorithm, VersionInUse
from registry.catalogue.fingerprints.model import canonical
from registry.catalogue.fingerprints.model.algorithms import BY_NAME, ISCC, SSCD, VIDEOHASH
from registry.catalogue.fingerprints.model.fields import MAX_SAMPLES
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.catalogue.fingerprints.model.whole_file import WholeFile
from registry.catalogue.fingerprints.store import fingerprints, refingerprinting, segments, whole_files
from registry.catalogue.fingerprints.store.refingerprinting import Recomputed, Version
from registry.catalogue.fingerprints.store.segments import Segment
from registry.catalogue.media.model import Kind
from registry.catalogue.media.service.retention import forget_blob
from registry.catalogue.media.store import assets
from registry.core import audit
from registry.core.audit.model.ledger import commit
from registry.core.audit.service import event, record_events
from registry.core.database.pool import Connection
from registry.core.errors import Conflict
from registry.core.errors.blobs import BlobCorrupt
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.jobs import Job
from registry.jobs.errors import LeaseLost
from registry.jobs.service.queue import wake_workers


def divide_asset(
    service: Service,
    job: Job,
    plan: Mapping[str, Any],
    tasks: Sequence[tuple[Mapping[str, Any], float]],
) -> None:
    """Write the segments and their jobs, and finish the job of the asset. The last segment enqueues it again.

    `plan` and `tasks` have the workers' own format; each task comes with its share of the work, 0-1. Raises
    `Conflict` (`lease_lost`) if another worker has the job.
    """
    with service.pool.transaction() as connection:
        segments.divide(connection, job, plan, tasks)
        jobs.hold(connection, job)
        jobs.finish(connection, job)
    wake_workers(service)


@dataclass(frozen=True, slots=True)
class DivisionState:
    """State of a video's division into segments.

    - `none`: not divided.
    - `waits`: segments are not finished; this job has ended, and the last segment enqueues it again.
    - `whole`: must be read in one piece.
    - `joinable`: `results` holds the results of all segments, in order.
    """

    state: Literal["none", "waits", "whole", "joinable"]
    plan: Mapping[str, Any] | None = None
    results: tuple[bytes, ...] = ()


def find_division(service: Service, job: Job) -> DivisionState:
    """Return the state of the division of a job's video. Raises `Conflict` (`lease_lost`) if another worker
    has the job."""
    again = False
    with service.pool.transaction() as connection:
        # Locked: a segment that finishes now either finds this job open, and this call sees its result, or it
        # enqueues the job again.
        division = segments.lock(connection, job.subject_id)
        if division is None:
            return DivisionState("none")
        if division.undivided:
            return DivisionState("whole")
        if not division.remaining:
            return DivisionState(
                "joinable", division.plan, tuple(segments.list_results(connection, job.subject_id))
            )
        if not segments.is_read(connection, job.subject_id):
            # For example, a failed segment is retried: the results of the others are kept.
            segments.enqueue_unfinished(connection, job)
            again = True
        jobs.finish(connection, job)
    if again:
        wake_workers(service)
    return DivisionState("waits")


def waiting_jobs(service: Service, asset_id: UUID) -> list[tuple[UUID, str]]:
    """Return the unclaimed jobs of a video with their tasks: its segments in order, then its own if that
    joins them.

    A job that reads a file in one piece is left out, because it needs the whole time limit of its own
    message.
    """
    with service.pool.transaction() as connection:
        return segments.waiting(connection, asset_id)


def read_in_one(service: Service, job: Job) -> None:
    """Mark a job's video as undivided because its segments do not fit together.

    Raises `Conflict` (`lease_lost`) if another worker has the job.
    """
    with service.pool.transaction() as connection:
        division = segments.lock(connection, job.subject_id)
        jobs.hold(connection, job)
        if division is not None:
            segments.make_undivided(connection, job.subject_id)


def find_segment(service: Service, job: Job) -> Segment:
    """Return the segment of a job. Raises `Conflict` (`lease_lost`) if it is no longer needed."""
    with service.pool.transaction() as connection:
        segment = segments.find(connection, job.subject_id)
    if segment is None:
        raise _gone()
    return segment


def finish_segment(service: Service, job: Job, segment: Segment, result: bytes) -> None:
    """Store a segment's result and count it. With the last one, enqueue the joining.

    All of this happens in one commit under the fence, so it happens once. Raises `Conflict` (`lease_lost`) if
    another worker has the job or the segment is no longer needed.
    """
    with service.pool.transaction() as connection:
        if segments.lock(connection, segment.asset_id) is None:
            raise _gone()
        jobs.hold(connection, job)
        remaining = segments.save_result(connection, job, result)
        if remaining == 0:
            jobs.enqueue(connection, "fingerprint_asset", segment.asset_id, beside=job.job_id)
        jobs.finish(connection, job)
    if remaining == 0:
        wake_workers(service)


def give_segments_up(service: Service, job: Job, segment: Segment) -> None:
    """End all segments of a video that cannot be read in pieces, and enqueue reading it in one piece.

    Raises `Conflict` (`lease_lost`) as `finish_segment` does.
    """
    with service.pool.transaction() as connection:
        if segments.lock(connection, segment.asset_id) is None:
            raise _gone()
        jobs.hold(connection, job)
        jobs.enqueue(connection, "fingerprint_asset", segment.asset_id, beside=job.job_id)
        segments.make_undivided(connection, segment.asset_id)
    wake_workers(service)


def _gone() -> Conflict:
    return LeaseLost("This segment is no longer needed.")


ALL: Final = 3 * MAX_SAMPLES
"""More frames than any asset has."""


def record_fingerprint(connection: Connection, caller: Caller | None, asset_id: UUID) -> None:
    """Record the stored fingerprint for every entry of the asset that has no event of it yet.

    Does nothing if the asset is not fingerprinted. The fingerprint is read back from the store, because that
    is what can be proved later. `caller`: None if a worker computed it. Lock the asset's entries first.
    """
    stored = fingerprints.read(connection, asset_id, frames=ALL)
    if stored is None:
        return
    digest = canonical.digest(canonical.document(stored))
    commitment = audit.save_fingerprint_commitment(connection, asset_id, digest, commit(digest.hex()))
    record_events(
        connection,
        [
            event(
                caller,
                "asset.fingerprinted",
                row["organization_id"],
                row["entry_id"],
                {"asset_id": asset_id},
                {"fingerprint": commitment, "recomputed": row["recomputed"]},
            )
            for row in audit.unrecorded_entries(connection, asset_id, commitment.hex())
        ],
    )


OPEN: Final = 50
"""Most open jobs before more are enqueued. New registrations must not wait behind thousands of jobs."""
FITTING: Final = 0.5
"""Share of the stored moments that must get a vector. Below it the file is no longer sampled at the same
moments."""
_RETIRED_AT_ONCE: Final = 200


WHOLE_FILE: Final = (
    Recomputed(VIDEOHASH.name, "hash_whole_file", ("video",)),
    Recomputed(ISCC.name, "hash_whole_file", ("image", "video", "audio")),
)
"""Algorithms that read a whole file once more, after its entry is matchable."""


def versions() -> list[str]:
    """Return the algorithms for which stored media can be read again: versions of the model, the one that
    lookups use first, then those of whole files."""
    names = [name for name, algorithm in BY_NAME.items() if algorithm.family == SSCD.family]
    model = sorted(names, key=lambda name: (name != SSCD.name, name))
    return [*model, *(whole.algorithm for whole in WHOLE_FILE)]


def ask_refingerprinting(service: Service, algorithm: str) -> Version:
    """Recompute all kept media that lack this version, by a few jobs at a time on the queue `bulk`.

    Raises `BadInput` (`unknown_algorithm`).
    """
    _recomputed(algorithm)
    with service.pool.transaction() as connection:
        refingerprinting.add_request(connection, algorithm)
    continue_refingerprinting(service)
    wake_workers(service)
    return get_version(service, algorithm)


def end_refingerprinting(service: Service, algorithm: str) -> bool:
    """Stop enqueueing jobs for this version. False if none was requested."""
    with service.pool.transaction() as connection:
        return refingerprinting.delete_request(connection, algorithm)


def get_version(service: Service, algorithm: str) -> Version:
    """Return the progress of a version. Raises `BadInput` (`unknown_algorithm`)."""
    recomputed = _recomputed(algorithm)
    with service.pool.transaction() as connection:
        return refingerprinting.version(connection, recomputed)


def continue_refingerprinting(service: Service) -> int:
    """Enqueue jobs for the next media and return their number. The sweeper calls this repeatedly."""
    enqueued = 0
    with service.pool.transaction() as connection:
        for algorithm in refingerprinting.list_requests(connection):
            recomputed = _named(algorithm)
            for asset_id in refingerprinting.next_media(connection, recomputed, most=OPEN):
                enqueued += jobs.enqueue(connection, recomputed.task, asset_id) is not None
    return enqueued


def seek_versions(connection: Connection, job: Job) -> None:
    """Enqueue a newly enrolled medium for the requested versions, in the same commit."""
    if _lacking(connection, job.subject_id):
        jobs.enqueue(connection, "refingerprint_asset", job.subject_id)


def missing_versions(service: Service, job: Job) -> list[str]:
    """Return the versions for which a job's medium must be recomputed."""
    with service.pool.transaction() as connection:
        return _lacking(connection, job.subject_id)


def _lacking(connection: Connection, asset_id: UUID) -> list[str]:
    """Return the requested versions of the model that a medium lacks."""
    whole = {recomputed.algorithm for recomputed in WHOLE_FILE}
    return [name for name in refingerprinting.lacking(connection, asset_id) if name not in whole]


def kind_of_job(service: Service, job: Job) -> Kind | None:
    """Return the kind of a job's medium. None if the medium is gone or not fingerprinted."""
    with service.pool.transaction() as connection:
        medium = whole_files.medium(connection, job.subject_id)
    return medium[0] if medium else None


def save_whole_file(service: Service, job: Job, whole: WholeFile | None, sha256: str = "") -> None:
    """Store the values of a job's medium and finish the job. `whole`: None if the medium is gone. `sha256`:
    of the file that was read.

    Raises `Conflict` (`lease_lost`) if another worker has the job, `BadMedia` (`blob_corrupt`) if the file is
    not the registered one.
    """
    with service.pool.transaction() as connection:
        entries.lock_of_asset(connection, job.subject_id)
        if whole is not None:
            write_whole_file(connection, job.subject_id, whole, sha256)
        _finish(service, connection, job)
    _forget_media(service, job)


def _finish(service: Service, connection: Connection, job: Job) -> None:
    """Finish a job that read a medium. If the deployment keeps no media, let it go with its last job."""
    jobs.hold(connection, job)
    jobs.finish(connection, job)
    if not service.settings.keep_media:
        assets.let_media_go(connection, job.subject_id)


def _forget_media(service: Service, job: Job) -> None:
    if not service.settings.keep_media:
        forget_blob(service, job.blob_key)


def write_whole_file(connection: Connection, asset_id: UUID, whole: WholeFile, sha256: str) -> None:
    """Store the values of a medium. Does nothing if the medium is gone. Lock its entries first. Raises as
    `save_whole_file`."""
    medium = whole_files.medium(connection, asset_id)
    if medium is None:
        return
    kind, registered = medium
    if registered != sha256:
        raise BlobCorrupt
    whole_files.save(connection, asset_id, whole)
    names = [recomputed.algorithm for recomputed in WHOLE_FILE if kind in recomputed.kinds]
    whole_files.add_algorithms(connection, asset_id, names)


def add_versions(service: Service, job: Job, fingerprints_found: list[Fingerprint]) -> None:
    """Store the vectors of further versions beside the existing ones.

    Raises `Conflict` (`lease_lost`) if another worker has the job. Raises `BadMedia`: `blob_corrupt` if the
    media is not the registered file, `moments_differ` if too few of its moments are the stored ones.
    """
    with service.pool.transaction() as connection:
        entries.lock_of_asset(connection, job.subject_id)
        for fingerprint in fingerprints_found:
            stored = fingerprints.read(connection, job.subject_id, frames=1)
            if stored is None:
                continue  # the asset is gone
            if stored.media.sha256 != fingerprint.media.sha256:
                raise BlobCorrupt
            fitting, moments = fingerprints.add_vectors(connection, job.subject_id, fingerprint)
            if fitting < FITTING * moments:
                raise MomentsDiffer(f"Only {fitting} of {moments} stored moments were found in the file.")
        record_fingerprint(connection, None, job.subject_id)
        _finish(service, connection, job)
    _forget_media(service, job)


def retire_version(service: Service, algorithm: str) -> int:
    """Delete the values of an old version, a few media a commit. Returns the number of media.

    Raises `Conflict` (`version_in_use`) for the version that lookups use, or one that is being computed.
    """
    if algorithm == SSCD.name or any(whole.algorithm == algorithm for whole in WHOLE_FILE):
        raise VersionInUse(
            f"Lookups use {algorithm}.",
            next_step="Retire it once a release uses another version, and all media has that version.",
        )
    with service.pool.transaction() as connection:
        if algorithm in refingerprinting.list_requests(connection):
            raise VersionInUse(
                f"Media is being fingerprinted for {algorithm}.",
                next_step=f"End that first: fakeprint refingerprint {algorithm} --end.",
            )
    retired, batch = 0, 1
    while batch:
        with service.pool.transaction() as connection:
            batch = refingerprinting.retire(connection, algorithm, most=_RETIRED_AT_ONCE)
        retired += batch
    return retired


def _recomputed(algorithm: str) -> Recomputed:
    if algorithm not in versions():
        raise UnknownAlgorithm(
            f"{algorithm[:50]!r} is not an algorithm for which stored media can be read again.",
            next_step=f"Choose among {', '.join(versions())}.",
        )
    return _named(algorithm)


def _named(algorithm: str) -> Recomputed:
    return next((whole for whole in WHOLE_FILE if whole.algorithm == algorithm), Recomputed(algorithm))
