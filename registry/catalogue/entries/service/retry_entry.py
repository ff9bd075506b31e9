"""Try a failed entry again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from registry.catalogue.entries.service.find_entry import own_entry
from registry.catalogue.entries.service.show_entry import show_entry
from registry.catalogue.entries.store import assets, entries
from registry.core.audit.service import record_event
from registry.core.errors import Conflict
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.jobs.service.relay_outbox import wake_workers
from registry.jobs.store import jobs


def retry_entry(service: Service, caller: Caller, entry_id: UUID) -> dict[str, Any]:
    """Fingerprint the media of an entry again that could not be. Needs `register`.

    Raises `NotFound` (`unknown_entry`), `Forbidden` (`foreign_bank`), `Conflict` (`nothing_to_retry`,
    `media_gone`).
    """
    caller.require("register")
    with service.pool.transaction() as connection:
        own_entry(connection, caller, entry_id)
        entries.lock_of_entry(connection, entry_id)
        failed = assets.retry(connection, entry_id)
        if not failed:
            raise Conflict("No medium of this entry has failed.", code="nothing_to_retry")
        if any(blob_key is None for _, blob_key in failed):
            raise Conflict(
                "The media is no longer kept.", code="media_gone", next_step="Register the file again."
            )
        for asset_id, _ in failed:
            entries.reopen(connection, asset_id)
            jobs.enqueue(connection, "fingerprint_asset", asset_id)
        record_event(
            connection,
            caller,
            "entry.retried",
            entry_id=entry_id,
            said={"assets": [asset_id for asset_id, _ in failed]},
        )
    wake_workers(service)
    return show_entry(service, caller, entry_id)
