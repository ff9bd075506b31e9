"""Let media go that nothing needs any more."""

from __future__ import annotations

from registry.actions.service import Service
from registry.store import lookups


def forget_blob(service: Service, blob_key: str | None) -> None:
    """Delete a blob unless an asset or a waiting lookup still needs it."""
    if blob_key is None:
        return
    with service.pool.transaction() as connection:
        if not lookups.blob_in_use(connection, blob_key):
            service.blobs.delete(blob_key)
