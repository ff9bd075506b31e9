"""Visibility of entries for a caller."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from registry.catalogue.entries.errors import UnknownEntry
from registry.catalogue.entries.model.stored_entry import StoredEntry
from registry.catalogue.entries.store import entries
from registry.catalogue.errors import ForeignBank
from registry.core.database.pool import Connection
from registry.core.service import Service
from registry.identity.callers.model import Caller


def find_entry(connection: Connection, caller: Caller, entry_id: UUID) -> StoredEntry:
    """Return an entry that the caller may see. Only reviewers see private intake cases.

    Raises `NotFound` (`unknown_entry`).
    """
    entry = entries.get_entry(connection, caller.organization_id, entry_id)
    if entry is None or (entry.private_case and not caller.sees_cases):
        raise UnknownEntry(
            f"There is no entry {entry_id} that this key may see.",
            next_step="List yours with GET /v1/entries or `fakeprint entries`.",
        )
    return entry


def hidden_cases(service: Service, caller: Caller, entry_ids: Iterable[UUID]) -> set[UUID]:
    """Return those of the entries that are private intake cases hidden from the caller. Lookups still match
    them."""
    if caller.sees_cases:
        return set()
    with service.pool.transaction() as connection:
        return entries.private_cases(connection, entry_ids)


def own_entry(connection: Connection, caller: Caller, entry_id: UUID) -> StoredEntry:
    """Return an entry that the caller may change.

    Raises `NotFound` (`unknown_entry`), `Forbidden` (`foreign_bank`).
    """
    entry = find_entry(connection, caller, entry_id)
    if not entry.own:
        raise ForeignBank
    return entry
