"""Trust originals that a source has signed as recorded, as far as their bank's policy says."""

from __future__ import annotations

from uuid import UUID

from registry.core.audit.service import event, record_events
from registry.core.database.pool import Connection
from registry.review.queue import store as reviews
from registry.review.queue.service.weigh_reviews import weigh_reviews


def weigh_sources_of_asset(connection: Connection, asset_id: UUID) -> None:
    """Weigh the entries of a medium whose manifest was just read, in the caller's transaction."""
    _weigh(connection, asset_id=asset_id)


def weigh_sources_of_bank(connection: Connection, bank_id: UUID) -> None:
    """Weigh the entries of a bank whose policy has just changed, in the caller's transaction."""
    _weigh(connection, bank_id=bank_id)


def _weigh(connection: Connection, *, asset_id: UUID | None = None, bank_id: UUID | None = None) -> None:
    """What changes is on record as `entry.reweighed`, by nobody."""
    found = []
    for entry_id, organization_id in reviews.sourced(connection, asset_id=asset_id, bank_id=bank_id):
        reviews.lock(connection, entry_id)
        row = reviews.find(connection, organization_id, entry_id)
        if row is None:
            continue
        weighed = weigh_reviews(connection, row)
        if weighed.changed:
            told = {"own_original_tier": weighed.own_original_tier, "why": "source"}
            found.append(event(None, "entry.reweighed", organization_id, entry_id, said=told))
    record_events(connection, found)
