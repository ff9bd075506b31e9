"""Which registered media show an enrolled person of the organization that registered them?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from registry.core.database.pool import Connection
from registry.core.service import Service
from registry.persons import store as persons
from registry.persons.search import store as face_searches
from registry.persons.search.service.search_faces import Search, compare
from registry.persons.search.store import DueAsset
from registry.persons.store import ActivePerson

BATCH: Final = 20
"""Media in one transaction, which locks them."""
ROUNDS: Final = 25
"""Transactions of one call at most; the next goes on."""
SETTLED: Final = 10.0
"""Seconds for which a medium, or a person, has to be there: longer than a review's transaction lasts."""


def link_persons(service: Service, *, settled: float = SETTLED) -> int:
    """Search media that were not since they, or a person whose consent covers entries, came; how many.

    Each search is on record. Only faces that a worker found in the media themselves: those of a fingerprint
    document serve to compare aligned footage. Safe to run by several at once. Raises `Unavailable`.
    """
    searched = 0
    for _ in range(ROUNDS):
        with service.pool.transaction() as connection:
            due = face_searches.due_assets(connection, settled=settled, limit=BATCH)
            _link_all(connection, service, due)
        searched += len(due)
        if len(due) < BATCH:
            break
    return searched


def _link_all(connection: Connection, service: Service, due: Sequence[DueAsset]) -> None:
    protected: dict[UUID, list[ActivePerson]] = {}
    for asset in due:
        if asset.organization_id not in protected:
            protected[asset.organization_id] = persons.active(connection, asset.organization_id, "entries")
        faces = face_searches.faces(connection, asset.asset_id)
        done = compare(service, faces, protected[asset.organization_id], duration=asset.duration)
        _keep(connection, asset, done)


def _keep(connection: Connection, asset: DueAsset, done: Search) -> None:
    face_searches.clear_links(connection, asset.asset_id)
    matched = [
        person_id
        for person_id in done.found
        if face_searches.keep_link(connection, asset.asset_id, person_id)
    ]
    face_searches.record(
        connection,
        organization_id=asset.organization_id,
        asset_id=asset.asset_id,
        tracks=done.tracks,
        persons=done.persons,
        skipped=done.skipped,
        matched=matched,
    )
