"""Record the changes of an entry's status."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from registry.catalogue.entries.service.events import entries_settled
from registry.catalogue.entries.store import entries
from registry.core.audit.service import event, record_events
from registry.core.database.pool import Connection
from registry.identity.callers.model import Caller

_KINDS: Final[Mapping[str, str]] = {
    "matchable": "entry.restored",
    "suspended": "entry.suspended",
    "withdrawn": "entry.withdrawn",
}


def record_statuses(
    connection: Connection,
    caller: Caller | None,
    statuses: Mapping[UUID, str],
    *,
    organization_id: UUID,
    subject: Mapping[str, UUID],
) -> None:
    """Record one event for each entry, in the transaction that changes the status.

    `statuses`: the new status by entry. `subject`: the import or the federation exchange that caused the
    change.
    """
    events = [
        event(caller, _KINDS[status], organization_id, entry_id, subject, {"reason_code": "listed"})
        for entry_id, status in statuses.items()
    ]
    record_events(connection, events)


def settle_entries(connection: Connection, caller: Caller | None, asset_id: UUID) -> None:
    """Make entries matchable that waited only for this asset, and record it.

    Runs in the caller's transaction. Lock the asset's entries first. `caller`: None if a worker finished the
    last medium.
    """
    matchable = entries.settle(connection, asset_id)
    record_events(
        connection,
        [
            event(caller, "entry.matchable", organization_id, entry_id, {"asset_id": asset_id})
            for entry_id, organization_id in matchable
        ],
    )
    entries_settled(connection, asset_id)
