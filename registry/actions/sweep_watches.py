"""Delete what is kept of watched lookups whose time is over, and places that nobody follows any more."""

from __future__ import annotations

from registry.actions.service import Service
from registry.store import sightings, watches


def sweep_watches(service: Service) -> int:
    """How many were deleted, some thousands at most. Safe to run at any time and by several at once."""
    deleted = 0
    for _ in range(10):
        with service.pool.transaction() as connection:
            gone = watches.forget(connection) + sightings.forget(connection)
        deleted += gone
        if not gone:
            break
    return deleted
