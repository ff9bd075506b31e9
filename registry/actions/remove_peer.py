"""Read a peer no longer."""

from __future__ import annotations

from typing import Any

from registry.actions.list_peers import find_peer, shape
from registry.actions.record_event import record_event
from registry.actions.service import Service
from registry.domain.caller import Caller
from registry.store import exchanges


def remove_peer(service: Service, caller: Caller, name: str) -> dict[str, Any]:
    """The peer as it was. Its key for us is destroyed; its entries stay in their bank as they are, and follow
    no withdrawal any more: delete the bank to end them. Needs `admin`. Raises `NotFound` (`unknown_peer`)."""
    caller.require("admin")
    with service.pool.transaction() as connection:
        row = find_peer(connection, caller, name)
        exchanges.remove(connection, row["exchange_id"])
        record_event(connection, caller, "peer.removed", subject={"exchange_id": row["exchange_id"]})
    service.keys.destroy(row["exchange_id"])
    return shape(row | {"state": "removed", "credentials": None})
