"""Have a kept medium under the key that seals now."""

from __future__ import annotations

from registry.catalogue.media.store import blobs
from registry.core.service import Service


def reseal_blob(service: Service, blob_key: str) -> bool:
    """Encrypt it anew and let its other copies go; False where that was done, or it is no longer kept. Nobody
    deletes it meanwhile. Raises `BadMedia` (`blob_corrupt`), `Unavailable` (also `blobs_key_missing`)."""
    with service.pool.transaction() as connection:
        blobs.be_patient(connection)
        blobs.lock(connection, blob_key)
        return service.blobs.exists(blob_key) and service.blobs.reseal(blob_key)
