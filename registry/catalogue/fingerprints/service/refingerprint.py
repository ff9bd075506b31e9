"""Read kept media again for another version of the model, in the background, and let an old version go."""

from __future__ import annotations

from typing import Final

from registry.catalogue.entries.store import entries
from registry.catalogue.fingerprints.model.algorithms import BY_NAME, SSCD
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.catalogue.fingerprints.service.record_fingerprint import record_fingerprint
from registry.catalogue.fingerprints.store import fingerprints, refingerprinting
from registry.catalogue.fingerprints.store.refingerprinting import Version
from registry.core.database.pool import Connection
from registry.core.errors import BadInput, BadMedia, Conflict
from registry.core.service import Service
from registry.jobs.service.relay_outbox import wake_workers
from registry.jobs.store import jobs
from registry.jobs.store.jobs import Job

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
        for one in found:
            stored = fingerprints.read(connection, job.subject_id, frames=1)
            if stored is None:
                continue  # it is gone
            if stored.media.sha256 != one.media.sha256:
                raise BadMedia("The kept media is not what was registered.", code="blob_corrupt")
            fitting, moments = fingerprints.add_vectors(connection, job.subject_id, one)
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
