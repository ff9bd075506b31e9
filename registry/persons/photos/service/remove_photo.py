"""Take a photo of a proposed person away again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from registry.core.errors import Conflict, NotFound
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.persons.photos import store as person_photos
from registry.persons.photos.service.judge_photos import judge_photos
from registry.persons.service.find_person import find_person, may_enrol
from registry.persons.service.record_act import record_act
from registry.persons.service.show_person import whole


def remove_photo(service: Service, caller: Caller, person_id: UUID, photo_id: UUID) -> dict[str, Any]:
    """The person without it; the other photos are judged anew. Needs `faces`, and `register` or `takedown`.

    Raises `NotFound` (`unknown_person`, `unknown_photo`), `Conflict` (`wrong_state`).
    """
    may_enrol(caller)
    with service.pool.transaction() as connection:
        row = find_person(connection, caller, person_id, lock=True)
        if row["state"] != "proposed":
            raise Conflict(
                f"The person is {row['state']}.", code="wrong_state", extra={"state": row["state"]}
            )
        removed, blob_key = person_photos.remove(connection, person_id, photo_id)
        if not removed:
            raise unknown_photo(photo_id)
        judge_photos(connection, service.keys.get(person_id), person_id)
        record_act(connection, person_id, "photo_removed", caller_id=caller.caller_id, photo_id=photo_id)
        shown = whole(connection, service, row)
    if blob_key is not None:
        service.blobs.delete(blob_key)
    return shown


def unknown_photo(photo_id: UUID) -> NotFound:
    """The error for a photo that is not this person's, or no longer kept."""
    return NotFound(
        f"There is no photo {photo_id} of this person, or it is no longer kept.", code="unknown_photo"
    )
