"""Judge a person's photos anew, each among the others."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from registry.core.crypto import sealed
from registry.core.crypto.keys import Key
from registry.core.database.pool import Connection
from registry.persons.photos import model as photo
from registry.persons.photos import store as person_photos
from registry.persons.photos.model import Reading


def judge_photos(connection: Connection, key: Key, person_id: UUID) -> dict[UUID, Reading]:
    """Write what became of each photo that was read; the readings of those that serve, in their order.

    Lock the person first.
    """
    rows = person_photos.of_person(connection, person_id)
    readings = {row["photo_id"]: found for row in rows if (found := reading_of(key, row)) is not None}
    judged = photo.together(readings)
    for row in rows:
        now = judged.get(row["photo_id"])
        if now is not None and (row["reason"], row["other_photo_id"]) != (now.reason, now.other):
            person_photos.judge(connection, row["photo_id"], now.reason, now.other)
    return {one: readings[one] for one, judgement in judged.items() if judgement.reason is None}


def reading_of(key: Key, row: dict[str, Any]) -> Reading | None:
    """What a worker saw in a photo; None where it was not read."""
    if row["sealed_reading"] is None:
        return None
    said = sealed.unpack(key, row["sealed_reading"], sealed.READING)
    return photo.from_json(said["reading"]) if said["reading"] else None
