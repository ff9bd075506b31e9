"""Align an entry's fakes with its originals, as proof of what was said when both were registered."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final
from uuid import UUID

from registry.catalogue.entries.model.entry import Candidate, Manipulation, Policy, Query
from registry.catalogue.fingerprints.model import mirroring, timeline
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.catalogue.fingerprints.store import fingerprints
from registry.core.service import Service
from registry.jobs.store import jobs
from registry.jobs.store.jobs import Job
from registry.lineage.model import related as rules
from registry.lineage.model.related import End, Medium
from registry.lineage.store import lineage
from registry.matching.candidates.store import candidates

MOST: Final = 200
"""Pairs of an entry that are aligned; one with more has its first."""


def derive_media(
    service: Service, job: Job, changed: Collection[UUID], manipulation: Manipulation | None
) -> None:
    """For the job's entry, each pair of a fake and an original of which either is among `changed`. A pair has
    a commit of its own, and doing it again replaces. Raises `Conflict` (`lease_lost`)."""
    entry_id = job.subject_id
    with service.pool.transaction() as connection:
        pairs = lineage.pairs(connection, entry_id, most=MOST)
    for pair in pairs:
        if pair.fake_id not in changed and pair.original_id not in changed:
            continue
        with service.pool.transaction() as connection:
            fake = fingerprints.read(connection, pair.fake_id, frames=candidates.FRAMES)
            original = fingerprints.read(connection, pair.original_id, frames=candidates.FRAMES)
        found = None
        if fake is not None and original is not None and fake.frames and original.frames:
            asked = mirroring.with_mirror(fake)
            query = Query.of(asked, *timeline.of_fingerprint(asked))
            medium = Medium(End(entry_id, pair.fake_id, "fake"), manipulation, query)
            found = rules.made_from(medium, _candidate(entry_id, pair.original_id, original, manipulation))
        with service.pool.transaction() as connection:
            jobs.hold(connection, job)
            lineage.replace(connection, entry_id, pair, found, model=rules.MODEL)


def _candidate(
    entry_id: UUID, asset_id: UUID, stored: Fingerprint, manipulation: Manipulation | None
) -> Candidate:
    frames, faces = timeline.of_fingerprint(stored)
    return Candidate(
        asset_id=asset_id,
        entry_id=entry_id,
        role="original",
        sha256=stored.media.sha256,
        kind=stored.media.kind,
        duration=stored.media.duration,
        title="",
        bank="",
        tier="unreviewed",
        original_tier="unreviewed",
        manipulation=manipulation,
        own=True,
        policy=Policy(),
        references=(),
        frames=frames,
        faces=faces,
    )
