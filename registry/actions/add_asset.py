"""Add a medium to an entry that exists."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from registry.actions.add_media import Source, Upload, add_media
from registry.actions.admit_work import admit_work
from registry.actions.find_entry import own_entry
from registry.actions.relay_outbox import wake_workers
from registry.actions.require_room import require_room
from registry.actions.service import Service
from registry.domain.caller import Caller
from registry.domain.media import Role
from registry.errors import Conflict
from registry.store import entries


def add_asset(service: Service, caller: Caller, entry_id: UUID, source: Source, role: Role) -> dict[str, Any]:
    """A further copy, or the original, of an entry of the caller's own. Needs `register`.

    It becomes matchable when it is fingerprinted, unreviewed whatever the entry is; the entry's other media
    go on answering meanwhile. Raises `NotFound` (`unknown_entry`), `Forbidden` (`foreign_bank`), `Conflict`
    (`entry_withdrawn`, `role_conflict`, `bank_full`), `BadDocument` (`document_too_large`,
    `low_information`).
    """
    caller.require("register")
    if isinstance(source, Upload):
        admit_work(service, "registrations")
    with service.pool.transaction() as connection:
        entry = own_entry(connection, caller, entry_id)
        if entry["status"] == "withdrawn":
            raise Conflict("The entry was withdrawn.", code="entry_withdrawn")
        entries.lock_bank(connection, entry["bank_id"])
        (asset,) = add_media(service, connection, caller, entry["bank_id"], entry_id, [(source, role)])
        require_room(connection, entry["bank_id"], grew=asset["created"])
    wake_workers(service)
    return {"entry_id": str(entry_id), **asset}
