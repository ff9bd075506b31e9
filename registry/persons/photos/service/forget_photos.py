"""Delete the photos of a person who was accepted: their vectors are made."""

from __future__ import annotations

from uuid import UUID

from registry.core.service import Service
from registry.persons import store as persons
from registry.persons.photos import store as person_photos


def forget_photos(service: Service, person_id: UUID) -> None:
    """Delete the sealed files, then their names. Safe to repeat; the sweeper does where it was cut off."""
    with service.pool.transaction() as connection:
        kept = person_photos.blobs(connection, person_id)
    for blob_key in kept:
        service.blobs.delete(blob_key)
    with service.pool.transaction() as connection:
        persons.lock_any(connection, person_id)
        person_photos.forget_blobs(connection, person_id)
