"""Have those exchanges read whose time has come."""

from __future__ import annotations

from registry.actions.relay_outbox import wake_workers
from registry.actions.service import Service
from registry.store import exchanges, jobs


def fetch_due(service: Service) -> int:
    """Write their jobs; how many."""
    with service.pool.transaction() as connection:
        found = exchanges.due(connection)
        for exchange_id in found:
            jobs.enqueue(connection, "fetch_exchange", exchange_id)
    if found:
        wake_workers(service)
    return len(found)
