"""Let faces of registered media go when their bank's rule says so."""

from __future__ import annotations

from typing import Final

from registry.catalogue.media.store import retention
from registry.core.service import Service

BATCH: Final = 200
"""Media in one transaction: their rows are locked while faces are deleted."""


def expire_faces(service: Service) -> int:
    """Delete faces that are kept no longer (`Policy.face_retention_days`); of how many media.

    Safe to run at any time and by several at once. Raises `Unavailable`.
    """
    expired = 0
    while True:
        with service.pool.transaction() as connection:
            found = len(retention.expire_faces(connection, limit=BATCH))
        expired += found
        if found < BATCH:
            return expired
