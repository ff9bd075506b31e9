"""Delete what is kept of watched lookups whose time is over, and places that nobody follows any more.

A place of what failed is kept as long as its dead letter may be retried.
"""

from __future__ import annotations

from registry.catalogue.media.service import LETTER_DAYS, letter_days
from registry.core.service import Service
from registry.matching.lookups.store import sightings
from registry.matching.watches import store as watches


def sweep_watches(service: Service) -> int:
    """How many were deleted, some thousands at most. Safe to run at any time and by several at once."""
    deleted = 0
    for _ in range(10):
        with service.pool.transaction() as connection:
            gone = watches.forget(connection)
            gone += sightings.forget(connection, letter_days=LETTER_DAYS, media_days=letter_days(service))
        deleted += gone
        if not gone:
            break
    return deleted
