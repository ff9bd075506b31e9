"""Other registries that publish an entry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from registry.core.database.pool import Connection
from registry.identity.callers.model import Caller
from registry.sharing.federation.store import peers


def list_foreign(connection: Connection, _caller: Caller, entry: Mapping[str, Any]) -> list[dict[str, Any]]:
    """List the registries that publish the entry, with their data on it. Empty if it was registered here."""
    return [_foreign(row, own=entry["own"]) for row in peers.of_entry(connection, entry["entry_id"])]


def is_foreign(connection: Connection, entry_id: UUID) -> bool:
    """Return whether another registry publishes the entry. If so, only that registry may publish it."""
    return bool(peers.of_entry(connection, entry_id))


def _foreign(row: dict[str, Any], *, own: bool) -> dict[str, Any]:
    """Return a row as the API shows it. Anyone may see origin and licence; only the owner sees the peer's
    local name."""
    named = ("origin", "licence", "status", "tier", "item_hash")
    return {
        **{name: row[name] for name in named},
        "entry_id": str(row["origin_entry_id"]),
        "peer": row["peer"] if own else None,
        "ledger_index": row["leaf_index"],
        "said_at": row["said_at"].isoformat(),
    }
