"""Read a peer no longer for now."""

from __future__ import annotations

from typing import Any

from registry.core.audit.service.record_event import record_event
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.sharing.federation.service.list_peers import find_peer, shape
from registry.sharing.federation.store import peers


def suspend_peer(service: Service, caller: Caller, name: str) -> dict[str, Any]:
    """The peer, which is not read until it is resumed; its entries answer on. Needs `admin`. Raises
    `NotFound` (`unknown_peer`)."""
    caller.require("admin")
    with service.pool.transaction() as connection:
        row = find_peer(connection, caller, name)
        if row["state"] != "suspended":
            peers.set_state(connection, row["exchange_id"], "suspended")
            record_event(connection, caller, "peer.suspended", subject={"exchange_id": row["exchange_id"]})
        row = find_peer(connection, caller, str(row["exchange_id"]))
    return shape(row)
