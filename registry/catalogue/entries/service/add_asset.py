"""Add a medium to an entry that exists."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from registry.catalogue.banks.service.require_room import require_room
from registry.catalogue.entries.service.add_media import Source, add_media
from registry.catalogue.entries.service.find_entry import own_entry
from registry.catalogue.entries.store import entries
from registry.catalogue.media.model import Role
from registry.catalogue.media.service.keep_uploads import Upload
from registry.core.errors import Conflict
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.jobs.service.admit_work import admit_work
from registry.jobs.service.relay_outbox import wake_workers


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
