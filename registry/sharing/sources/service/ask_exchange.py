"""Have an exchange read now."""

from __future__ import annotations

from typing import Any

from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.jobs.service.relay_outbox import wake_workers
from registry.jobs.store import jobs
from registry.sharing.sources.service.list_exchanges import find_exchange, shape


def ask_exchange(service: Service, caller: Caller, name: str) -> dict[str, Any]:
    """The exchange, which a worker reads soon. Needs `admin`. Raises `NotFound` (`no_exchange`)."""
    caller.require("admin")
    with service.pool.transaction() as connection:
        row = find_exchange(connection, caller, name)
        jobs.enqueue(connection, "fetch_exchange", row["exchange_id"])
    wake_workers(service)
    return shape(row | {"fetching": True})
