"""Read a suspended peer again."""

from __future__ import annotations

from typing import Any

from registry.core.audit.service.record_event import record_event
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.sharing.federation.service.list_peers import find_peer, shape
from registry.sharing.federation.store import peers


def resume_peer(service: Service, caller: Caller, name: str, *, restart: bool = False) -> dict[str, Any]:
    """The peer, which is read again. `restart`: from the beginning, and whatever it signed before: only for
    whoever knows why its ledger is another one; what proves the fork is kept. Needs `admin`. Raises
    `NotFound` (`unknown_peer`)."""
    caller.require("admin")
    with service.pool.transaction() as connection:
        row = find_peer(connection, caller, name)
        peers.set_state(connection, row["exchange_id"], "active")
        if restart:
            peers.restart(connection, row["exchange_id"], row["options"]["keys"][0])
        record_event(
            connection,
            caller,
            "peer.resumed",
            subject={"exchange_id": row["exchange_id"]},
            said={"restarted": restart},
        )
        row = find_peer(connection, caller, str(row["exchange_id"]))
    return shape(row)
