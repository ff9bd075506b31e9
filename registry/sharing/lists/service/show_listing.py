"""What a hash list says of an entry that came in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from registry.core.database.pool import Connection
from registry.identity.callers.model import Caller
from registry.sharing.lists.store import listings


def show_listing(connection: Connection, _caller: Caller, entry: Mapping[str, Any]) -> dict[str, Any] | None:
    """`opinion`, `tags`, `said`; None for an entry that came otherwise, and for another organization's."""
    return listings.show(connection, entry["entry_id"]) if entry["own"] else None
