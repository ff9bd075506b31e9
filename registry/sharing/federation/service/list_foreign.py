"""Other registries that publish an entry."""

from __future__ import annotations

from uuid import UUID

from registry.catalogue.entries.model.stored_entry import StoredEntry
from registry.catalogue.entries.schemas.foreign import ForeignEntry
from registry.core.database.pool import Connection
from registry.identity.callers.model import Caller
from registry.sharing.federation.store import peers


def list_foreign(connection: Connection, _caller: Caller, entry: StoredEntry) -> list[ForeignEntry]:
    """List the registries that publish the entry, with their data on it. Empty if it was registered here.

    Anyone may see origin and licence; only the entry's owner sees the peer's local name.
    """
    hidden = {} if entry.own else {"peer": None}
    rows = peers.of_entry(connection, entry.entry_id)
    return [ForeignEntry.model_validate({**row, **hidden}) for row in rows]


def is_foreign(connection: Connection, entry_id: UUID) -> bool:
    """Return whether another registry publishes the entry. If so, only that registry may publish it."""
    return bool(peers.of_entry(connection, entry_id))
