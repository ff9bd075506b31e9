"""Addresses of entries in the console."""

from __future__ import annotations

from uuid import UUID

from registry.catalogue.banks.model import policy
from registry.catalogue.entries.store import entries
from registry.core.database.pool import Connection


def public_page(origin: str, entry_id: UUID) -> str:
    """Return the address of the page that anybody may read, if the bank publishes the entry. `origin`: of the
    console, `https://…` without a path."""
    return f"{origin}/console/public/{entry_id}"


def page_of(connection: Connection, entry_id: UUID, origin: str) -> str:
    """Return the address of an entry's page: the public one, else the one for accounts."""
    published = entries.public(connection, entry_id)
    if published is not None and policy(published["policy"]).shows_everybody(published["tier"]):
        return public_page(origin, entry_id)
    return f"{origin}/console/entries/{entry_id}"
