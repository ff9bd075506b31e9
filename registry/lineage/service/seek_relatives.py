"""Have relatives looked for of entries whose media have just become matchable."""

from __future__ import annotations

from uuid import UUID

from registry.core.database.pool import Connection
from registry.jobs.store import jobs
from registry.lineage.store import related


def seek_relatives(connection: Connection, asset_id: UUID) -> None:
    """Write the jobs of the asset's entries that `entries.settle` has opened in this transaction.

    Call `relay_outbox.wake_workers` after the commit.
    """
    for entry_id in related.opened(connection, asset_id):
        jobs.enqueue(connection, "relate_entry", entry_id)
