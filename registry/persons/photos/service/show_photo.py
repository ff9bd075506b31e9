"""Show a reviewer a photo."""

from __future__ import annotations

from uuid import UUID

from registry.core.crypto import sealed
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.persons.photos import model as photo
from registry.persons.photos import store as person_photos
from registry.persons.photos.service.remove_photo import unknown_photo
from registry.persons.service.find_person import find_person
from registry.persons.service.record_act import record_act


def show_photo(service: Service, caller: Caller, person_id: UUID, photo_id: UUID) -> tuple[str, bytes]:
    """Its content type and bytes, while the person is proposed; that it was seen is put on record first.

    Needs `faces` and `review`. Raises `NotFound` (`unknown_person`, `unknown_photo`, `media_gone`).
    """
    caller.require("faces")
    caller.require("review")
    with service.pool.transaction() as connection:
        state = find_person(connection, caller, person_id)["state"]
        rows = {row["photo_id"]: row for row in person_photos.of_person(connection, person_id)}
        row = rows.get(photo_id)
        if row is None or row["blob_key"] is None or state != "proposed":
            raise unknown_photo(photo_id)
        record_act(connection, person_id, "photo_viewed", caller_id=caller.caller_id, photo_id=photo_id)
    key = service.keys.get(person_id)
    with service.blobs.local_path(row["blob_key"]) as path:
        raw = key.open(path.read_bytes(), sealed.PHOTO)
    return photo.content_type(raw[:16]) or "application/octet-stream", raw
