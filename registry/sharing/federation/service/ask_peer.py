"""Have a peer read now."""

from __future__ import annotations

from typing import Any

from registry.core.errors import Conflict
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.jobs.service.relay_outbox import wake_workers
from registry.jobs.store import jobs
from registry.sharing.federation.service.list_peers import find_peer, shape


def ask_peer(service: Service, caller: Caller, name: str) -> dict[str, Any]:
    """The peer, which a worker reads soon. Needs `admin`. Raises `NotFound` (`unknown_peer`), `Conflict`
    (`peer_suspended`)."""
    caller.require("admin")
    with service.pool.transaction() as connection:
        row = find_peer(connection, caller, name)
        if row["state"] != "active":
            raise Conflict(
                "The peer is suspended.",
                code="peer_suspended",
                next_step="See why with `fakeprint peer show`; then `fakeprint peer resume`.",
            )
        jobs.enqueue(connection, "fetch_exchange", row["exchange_id"])
    wake_workers(service)
    return shape(row | {"fetching": True})
