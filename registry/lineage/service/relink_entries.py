"""Look for the relatives of entries again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from registry.catalogue.entries.service.visibility import own_entry
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.jobs.service.queue import wake_workers
from registry.jobs.store import jobs
from registry.lineage.store import related


def relink_entries(service: Service, caller: Caller, entry_ids: Sequence[UUID] | None) -> dict[str, Any]:
    """Ask for it for these entries at once, or, None, for all of the caller's organization, which the sweeper
    takes up in batches. Needs `admin`. What was found stands meanwhile. `entries`: how many it is asked for;
    those that are not matchable are left out.

    Raises `Forbidden`, also (`foreign_bank`), `NotFound` (`unknown_entry`).
    """
    caller.require("admin")
    with service.pool.transaction() as connection:
        for entry_id in entry_ids or ():
            own_entry(connection, caller, entry_id)
        asked = related.ask_again(connection, caller.organization_id, entry_ids)
        if entry_ids is not None:
            for entry_id in asked:
                jobs.enqueue(connection, "relate_entry", entry_id)
    wake_workers(service)
    return {"entries": len(asked)}
