"""Open the entries that only waited for an asset, and put that on record."""

from __future__ import annotations

from uuid import UUID

from registry.catalogue.entries.service.events import entries_settled
from registry.catalogue.entries.store import entries
from registry.core.audit.service import event, record_events
from registry.core.database.pool import Connection
from registry.identity.callers.model import Caller


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
    entries_settled(connection, asset_id)
