"""Find missing blobs, and re-encrypt blobs."""

from __future__ import annotations

from collections.abc import Iterator

from registry.catalogue.media.service.retention import holders, needed
from registry.catalogue.media.store import blobs, retention
from registry.core.service import Service


def find_missing(service: Service) -> Iterator[str]:
    """Yield the keys of blobs that rows need but that do not exist. Raises `Unavailable`
    (`blobs_unavailable`)."""
    with service.pool.transaction() as connection:
        named = {
            *retention.named(connection),
            *(key for holder in holders() for key in holder.named(connection)),
        }
    absent = [key for key in named if not service.blobs.exists(key)]
    with service.pool.transaction() as connection:
        needs = needed(service, connection, absent) if absent else set()
    return (key for key in absent if key in needs)  # the others were released meanwhile


def reseal_blob(service: Service, blob_key: str) -> bool:
    """Re-encrypt a blob and delete its other copies. False if this was done before, or if the blob is gone.

    Holds the blob's lock, so that nobody deletes it meanwhile. Raises `BadMedia` (`blob_corrupt`),
    `Unavailable` (also `blobs_key_missing`).
    """
    with service.pool.transaction() as connection:
        blobs.be_patient(connection)
        blobs.lock(connection, blob_key)
        return service.blobs.exists(blob_key) and service.blobs.reseal(blob_key)
