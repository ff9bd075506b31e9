"""Open the entries that only waited for an asset, put that on record, and trust what a source has signed."""

from __future__ import annotations

from uuid import UUID

from registry.actions.record_event import event, record_events
from registry.actions.weigh_sources import weigh_sources
from registry.domain.caller import Caller
from registry.store import entries
from registry.store.pool import Connection


def settle_entries(connection: Connection, caller: Caller | None, asset_id: UUID) -> None:
    """In the caller's transaction, with the asset's entries locked. `caller` None: a worker did the last."""
    opened = entries.settle(connection, asset_id)
    record_events(
        connection,
        [
            event(caller, "entry.matchable", organization_id, entry_id, {"asset_id": asset_id})
            for entry_id, organization_id in opened
        ],
    )
    weigh_sources(connection, asset_id=asset_id)
