"""Have an exchange read now."""

from __future__ import annotations

from typing import Any

from registry.actions.list_exchanges import find_exchange, shape
from registry.actions.relay_outbox import wake_workers
from registry.actions.service import Service
from registry.domain.caller import Caller
from registry.store import jobs


def ask_exchange(service: Service, caller: Caller, name: str) -> dict[str, Any]:
    """The exchange, which a worker reads soon. Needs `admin`. Raises `NotFound` (`no_exchange`)."""
    caller.require("admin")
    with service.pool.transaction() as connection:
        row = find_exchange(connection, caller, name)
        jobs.enqueue(connection, "fetch_exchange", row["exchange_id"])
    wake_workers(service)
    return shape(row | {"fetching": True})
