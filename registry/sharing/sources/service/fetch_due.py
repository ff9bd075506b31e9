"""Have those exchanges read whose time has come."""

from __future__ import annotations

from registry.core.service import Service
from registry.jobs.service.relay_outbox import wake_workers
from registry.jobs.store import jobs
from registry.sharing.sources import store as exchanges


def fetch_due(service: Service) -> int:
    """Write their jobs; how many."""
    with service.pool.transaction() as connection:
        found = exchanges.due(connection)
        for exchange_id in found:
            jobs.enqueue(connection, "fetch_exchange", exchange_id)
    if found:
        wake_workers(service)
    return len(found)
