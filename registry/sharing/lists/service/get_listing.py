"""Opinion, tags and further fields of an entry that a hash list created."""

from __future__ import annotations

from collections.abc import Mapping

from registry.catalogue.entries.model.stored_entry import StoredEntry
from registry.core.database.pool import Connection
from registry.identity.callers.model import Caller
from registry.sharing.lists.store import listings


def get_listing(connection: Connection, _caller: Caller, entry: StoredEntry) -> Mapping[str, object] | None:
    """Return `opinion`, `tags` and `said`. None if no list created the entry or another organization owns
    it."""
    return listings.find(connection, entry.entry_id) if entry.own else None
