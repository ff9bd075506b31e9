"""Read a peer no longer."""

from __future__ import annotations

from typing import Any

from registry.core.audit.service.record_event import record_event
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.sharing.federation.service.list_peers import find_peer, shape
from registry.sharing.sources import store as exchanges


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
