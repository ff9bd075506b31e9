"""Fingerprints of registered media: recorded, read in segments, computed again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal
from uuid import UUID

from registry import jobs
from registry.catalogue.entries.store import entries
from registry.catalogue.fingerprints.model import canonical
from registry.catalogue.fingerprints.model.algorithms import BY_NAME, SSCD
from registry.catalogue.fingerprints.model.document import MAX_SAMPLES
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.catalogue.fingerprints.store import fingerprints, refingerprinting, segments
from registry.catalogue.fingerprints.store.refingerprinting import Version
from registry.catalogue.fingerprints.store.segments import Segment
from registry.core.audit.model.ledger import commit
from registry.core.audit.service import event, record_events
from registry.core.audit.store import commitments
from registry.core.database.pool import Connection
from registry.core.errors import BadInput, BadMedia, Conflict
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.jobs import Job
from registry.jobs.service.queue import wake_workers


def divide_asset(
    service: Service,
    job: Job,
    plan: Mapping[str, Any],
    tasks: Sequence[tuple[Mapping[str, Any], float]],
) -> None:
    """Write the segments and their jobs, and end the job of the asset: the last segment asks for it again.
    `plan` and `tasks` are the workers' own form; each task with its share of the work, 0-1.

    Raises `Conflict` (`lease_lost`) where another worker has the job.
    """
    with service.pool.transaction() as connection:
        segments.divide(connection, job, plan, tasks)
        jobs.hold(connection, job)
        jobs.finish(connection, job)
    wake_workers(service)


@dataclass(frozen=True, slots=True)
class Found:
    """`none`: it is not divided. `waits`: segments are out, the job has ended, the last of them asks for it
    again. `whole`: it is to be read in one. `joinable`: `found` is what the segments found, in order."""

    state: Literal["none", "waits", "whole", "joinable"]
    plan: Mapping[str, Any] | None = None
    found: tuple[bytes, ...] = ()


def find_division(service: Service, job: Job) -> Found:
    """How the video of a job stands. Raises `Conflict` (`lease_lost`) where another worker has the job."""
    again = False
    with service.pool.transaction() as connection:
        # Locked: a segment that ends now either finds this job open, and this sees it, or asks for it anew.
        division = segments.lock(connection, job.subject_id)
        if division is None:
            return Found("none")
        if division.undivided:
            return Found("whole")
        if not division.remaining:
            return Found("joinable", division.plan, tuple(segments.found(connection, job.subject_id)))
        if not segments.is_read(connection, job.subject_id):
            # As when one of them was given up, and is retried: what the others found is there.
            segments.read_on(connection, job)
            again = True
        jobs.finish(connection, job)
    if again:
        wake_workers(service)
    return Found("waits")


def waiting_jobs(service: Service, asset_id: UUID) -> list[tuple[UUID, str]]:
    """Jobs of a video that nobody has taken, with their tasks: its segments in order, and last its own, where
    that is to join them: whatever reads a file in one has the whole time of its own message."""
    with service.pool.transaction() as connection:
        return segments.waiting(connection, asset_id)


def read_in_one(service: Service, job: Job) -> None:
    """The segments of a job's video do not fit together: from now on it is read in one. Raises `Conflict`
    (`lease_lost`) where another worker has the job."""
    with service.pool.transaction() as connection:
        division = segments.lock(connection, job.subject_id)
        jobs.hold(connection, job)
        if division is not None:
            segments.make_undivided(connection, job.subject_id)


def find_segment(service: Service, job: Job) -> Segment:
    """What is to be read. Raises `Conflict` (`lease_lost`) where nobody waits for it any more."""
    with service.pool.transaction() as connection:
        segment = segments.find(connection, job.subject_id)
    if segment is None:
        raise _gone()
    return segment


def finish_segment(service: Service, job: Job, segment: Segment, found: bytes) -> None:
    """Keep what was found, count it, and with the last one ask for the joining: all in one commit, under the
    fence, so that it happens once.

    Raises `Conflict` (`lease_lost`) where another worker has the job, or nobody waits any more.
    """
    with service.pool.transaction() as connection:
        if segments.lock(connection, segment.asset_id) is None:
            raise _gone()
        jobs.hold(connection, job)
        remaining = segments.keep(connection, job, found)
        if remaining == 0:
            segments.ask_for_whole(connection, segment.asset_id, job)
        jobs.finish(connection, job)
    if remaining == 0:
        wake_workers(service)


def give_segments_up(service: Service, job: Job, segment: Segment) -> None:
    """The video cannot be read in pieces: end all its segments, and ask for it in one.

    Raises `Conflict` (`lease_lost`) as `finish_segment` does.
    """
    with service.pool.transaction() as connection:
        if segments.lock(connection, segment.asset_id) is None:
            raise _gone()
        jobs.hold(connection, job)
        segments.ask_for_whole(connection, segment.asset_id, job)
        segments.make_undivided(connection, segment.asset_id)
    wake_workers(service)


def _gone() -> Conflict:
    return Conflict("Nobody waits for this segment.", code="lease_lost")


ALL: Final = 3 * MAX_SAMPLES
"""Frames of an asset: none has so many."""


def record_fingerprint(connection: Connection, caller: Caller | None, asset_id: UUID) -> None:
    """One event an entry that holds the asset and has none of this fingerprint yet; nothing where the asset
    is not fingerprinted. It is read back as it is stored, since that is what can be shown later. `caller`
    None: a worker computed it. Lock the asset's entries first.
    """
    stored = fingerprints.read(connection, asset_id, frames=ALL)
    if stored is None:
        return
    digest = canonical.digest(canonical.document(stored))
    commitment = commitments.keep_fingerprint(connection, asset_id, digest, commit(digest.hex()))
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
            for row in commitments.untold(connection, asset_id, commitment.hex())
        ],
    )


OPEN: Final = 50
"""Jobs that wait at most when more are written: what is registered now must not stand behind thousands."""
FITTING: Final = 0.5
"""Share of the stored moments that must get a vector: else the file is no longer cut into the same ones."""
_RETIRED_AT_ONCE: Final = 200


def versions() -> list[str]:
    """The versions of the model that this release knows, the one that lookups ask by first."""
    names = [name for name, one in BY_NAME.items() if one.family == SSCD.family]
    return sorted(names, key=lambda name: (name != SSCD.name, name))


def ask_refingerprinting(service: Service, algorithm: str) -> Version:
    """Have all kept media read for it that it has not seen: jobs of the queue `bulk`, a few at a time. Raises
    `BadInput` (`unknown_algorithm`)."""
    _require_known(algorithm)
    with service.pool.transaction() as connection:
        refingerprinting.ask(connection, algorithm)
    continue_refingerprinting(service)
    wake_workers(service)
    return show_version(service, algorithm)


def end_refingerprinting(service: Service, algorithm: str) -> bool:
    """Write no more jobs for it; False where nobody asked."""
    with service.pool.transaction() as connection:
        return refingerprinting.end(connection, algorithm)


def show_version(service: Service, algorithm: str) -> Version:
    """How far it is. Raises `BadInput` (`unknown_algorithm`)."""
    _require_known(algorithm)
    with service.pool.transaction() as connection:
        return refingerprinting.version(connection, algorithm)


def continue_refingerprinting(service: Service) -> int:
    """Write jobs for the next media; how many. The sweeper calls it again and again."""
    written = 0
    with service.pool.transaction() as connection:
        for algorithm in refingerprinting.asked(connection):
            for asset_id in refingerprinting.next_media(connection, algorithm, most=OPEN):
                written += jobs.enqueue(connection, "refingerprint_asset", asset_id) is not None
    return written


def seek_versions(connection: Connection, job: Job) -> None:
    """A medium was just enrolled: have it read for the versions that are asked for, in the same commit."""
    if refingerprinting.lacking(connection, job.subject_id):
        jobs.enqueue(connection, "refingerprint_asset", job.subject_id)


def wanted_versions(service: Service, job: Job) -> list[str]:
    """The versions that a job's medium is to be read for."""
    with service.pool.transaction() as connection:
        return refingerprinting.lacking(connection, job.subject_id)


def add_versions(service: Service, job: Job, found: list[Fingerprint]) -> None:
    """Store what they said beside what is there.

    Raises `Conflict` (`lease_lost`) where another worker has the job, `BadMedia`: `blob_corrupt` where the
    media is not what was registered, `moments_differ` where too few of its moments are those stored."""
    with service.pool.transaction() as connection:
        entries.lock_of_asset(connection, job.subject_id)
        for fingerprint in found:
            stored = fingerprints.read(connection, job.subject_id, frames=1)
            if stored is None:
                continue  # it is gone
            if stored.media.sha256 != fingerprint.media.sha256:
                raise BadMedia("The kept media is not what was registered.", code="blob_corrupt")
            fitting, moments = fingerprints.add_vectors(connection, job.subject_id, fingerprint)
            if fitting < FITTING * moments:
                raise BadMedia(
                    f"Only {fitting} of {moments} stored moments are found in the file again.",
                    code="moments_differ",
                    next_step="Let it keep the version it has, or register the file in another bank.",
                )
        record_fingerprint(connection, None, job.subject_id)
        jobs.hold(connection, job)
        jobs.finish(connection, job)


def retire_version(service: Service, algorithm: str) -> int:
    """Delete what an old version said, a few media a commit; of how many.

    Raises `Conflict` (`version_in_use`) for the one that lookups ask by, or that media is being read for."""
    if algorithm == SSCD.name:
        raise Conflict(
            f"Lookups ask by {algorithm}.",
            code="version_in_use",
            next_step="Retire it once a release asks by another, and that has seen all media.",
        )
    with service.pool.transaction() as connection:
        if algorithm in refingerprinting.asked(connection):
            raise Conflict(
                f"Media is being read for {algorithm}.",
                code="version_in_use",
                next_step=f"End that first: fakeprint refingerprint {algorithm} --end.",
            )
    gone, some = 0, 1
    while some:
        with service.pool.transaction() as connection:
            some = refingerprinting.retire(connection, algorithm, most=_RETIRED_AT_ONCE)
        gone += some
    return gone


def _require_known(algorithm: str) -> None:
    if algorithm not in versions():
        raise BadInput(
            f"{algorithm[:50]!r} is no version of the model that this release knows.",
            code="unknown_algorithm",
            next_step=f"Choose among {', '.join(versions())}. The other algorithms have one version each.",
        )
