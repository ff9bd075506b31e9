"""Have a kept medium under the key that seals now."""

from __future__ import annotations

from registry.core.service import Service
from registry.matching.lookups.store import lookups


def reseal_blob(service: Service, blob_key: str) -> bool:
    """Encrypt it anew and let its other copies go; False where that was done, or it is no longer kept. Nobody
    deletes it meanwhile. Raises `BadMedia` (`blob_corrupt`), `Unavailable` (also `blobs_key_missing`)."""
    with service.pool.transaction() as connection:
        lookups.be_patient(connection)
        lookups.lock_blob(connection, blob_key)
        return service.blobs.exists(blob_key) and service.blobs.reseal(blob_key)
