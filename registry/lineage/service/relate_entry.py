"""A worker looks for the entries that show the same footage as one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from registry.catalogue.entries.model.entry import Query
from registry.catalogue.fingerprints.model import mirroring, timeline
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.catalogue.fingerprints.store import fingerprints
from registry.core.service import Service
from registry.jobs.service.queue import wake_workers
from registry.jobs.store import jobs
from registry.jobs.store.jobs import Job
from registry.lineage.model import related as rules
from registry.lineage.model.related import Link, Medium
from registry.lineage.service.derive_media import derive_media
from registry.lineage.store import related
from registry.lineage.store.related import Waiting
from registry.matching.candidates.store import candidates
from registry.matching.lookups.service.answer import probe

MOST: Final = 500
"""Entries that are linked with a medium when it is looked at; those that come later find it themselves."""


def relate_entry(service: Service, job: Job, progress: Callable[[float], None]) -> None:
    """Ask with each medium of the entry that nobody has looked at, and keep who is linked with it.

    Whoever holds the other entry: who may see a link is asked when it is read. Each medium has its own
    commit, so that a job done again goes on. Nothing is done for an entry that is not matchable, or gone.
    Raises `Conflict` (`lease_lost`) where another worker has the job.
    """
    with service.pool.transaction() as connection:
        waiting = related.waiting(connection, job.subject_id, model=rules.MODEL)
    for number, one in enumerate(waiting):
        progress(number / len(waiting))
        found = _links(service, one)
        with service.pool.transaction() as connection:
            related.take_turns(connection)
            jobs.hold(connection, job)
            related.replace(connection, one, found, model=rules.MODEL)
    if waiting:
        derive_media(service, job, [one.end.asset_id for one in waiting], waiting[0].manipulation)
    with service.pool.transaction() as connection:
        related.lock(connection, job.subject_id)
        jobs.hold(connection, job)
        jobs.finish(connection, job)
        # What opened meanwhile found this job open, and asked for no other.
        if related.waiting(connection, job.subject_id, model=rules.MODEL):
            jobs.enqueue(connection, "relate_entry", job.subject_id)
    wake_workers(service)


def _links(service: Service, one: Waiting) -> list[Link]:
    """The links of a medium, candidates being fetched until there are no more, or none of them is linked."""
    with service.pool.transaction() as connection:
        stored = fingerprints.read(connection, one.end.asset_id, frames=candidates.FRAMES)
    if stored is None or not stored.frames:
        return []
    asked = mirroring.with_mirror(stored)
    medium = _medium(one, asked)
    # All that show the footage are wanted, not the surest first.
    surest = probe(asked)
    wanted = replace(surest, first=(), phash256=[*surest.first, *surest.phash256])
    seen = {one.end.entry_id}
    found: list[Link] = []
    while len(seen) <= MOST:
        with service.pool.transaction() as connection:
            proposed = candidates.propose(
                connection, wanted, organization_id=None, bank_id=None, without=list(seen)
            )
        links = rules.links(medium, proposed)
        found += links
        entries = {candidate.entry_id for candidate in proposed}
        if not links or len(entries) < candidates.TRUSTED:
            break
        seen |= entries
    return found


def _medium(one: Waiting, asked: Fingerprint) -> Medium:
    frames, faces = timeline.of_fingerprint(asked)
    return Medium(one.end, one.manipulation, Query.of(asked, frames, faces))
