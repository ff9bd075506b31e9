"""Show an enrolled person to their organization: never a vector, and nothing once the key is destroyed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from registry.core.crypto import sealed
from registry.core.crypto.keys import Key
from registry.core.database.pool import Connection
from registry.core.errors import Unavailable
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.persons import store as persons
from registry.persons.photos import model as photo
from registry.persons.photos import store as person_photos
from registry.persons.service.find_person import find_person


def show_person(service: Service, caller: Caller, person_id: UUID) -> dict[str, Any]:
    """The person with photos and the acts on record. Needs `faces`.

    Raises `NotFound` (`unknown_person`), `Unavailable` (`keys_unavailable`, `sealed_damaged`).
    """
    with service.pool.transaction() as connection:
        row = find_person(connection, caller, person_id)
        return whole(connection, service, row)


def whole(connection: Connection, service: Service, row: dict[str, Any]) -> dict[str, Any]:
    """A person's row as answered, with photos and events."""
    key = service.keys.find(row["person_id"])
    photos = person_photos.of_person(connection, row["person_id"])
    events = persons.events(connection, row["person_id"])
    return {
        **_plain(row),
        **_personal(row, key),
        "photos": [photo_shape(one, key) for one in photos],
        "events": [_event(one) for one in events],
    }


def summary(service: Service, row: dict[str, Any]) -> dict[str, Any]:
    """A person's row in a list: with the name, and how the photos stand."""
    try:
        name = _personal(row, service.keys.find(row["person_id"]))["name"]
    except Unavailable as error:
        if error.code != "sealed_damaged":
            raise
        name = None  # one that is damaged must not hide the others
    return {
        **_plain(row),
        "name": name,
        "photos": {"sent": row["photos"], "usable": row["usable"], "pending": row["pending"]},
    }


def photo_shape(row: dict[str, Any], key: Key | None) -> dict[str, Any]:
    """A photo's row as answered: where its faces are, never what they are like."""
    said: dict[str, Any] = {}
    if key is not None and row["sealed_reading"] is not None:
        said = sealed.unpack(key, row["sealed_reading"], sealed.READING)
    reading = photo.from_json(said["reading"]) if said.get("reading") else None
    reason: photo.Reason | None = row["reason"]
    return {
        "photo_id": str(row["photo_id"]),
        "number": row["number"],
        "filename": said.get("filename", ""),
        "state": row["state"],
        "reason": reason,
        "message": photo.ADVICE[reason] if reason else None,
        "other_photo_id": _text(row["other_photo_id"]),
        "faces": [[round(share, 4) for share in face.box] for face in reading.faces] if reading else [],
        "kept": row["blob_key"] is not None,
    }


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "person_id": str(row["person_id"]),
        "state": row["state"],
        "ended_as": row["ended_as"],
        "revision": row["revision"],
        "consent_by": row["consent_by"],
        "consented_at": row["consented_at"].isoformat(),
        "expires_at": row["expires_at"].isoformat(),
        "scope": list(row["scope"]),
        "identity_checked": row["identity_checked"],
        "mandate_checked": row["mandate_checked"],
        "proposed_by": str(row["proposed_by"]),
        "proposed_at": row["proposed_at"].isoformat(),
        "reviewed_by": _text(row["reviewed_by"]),
        "reviewed_at": _time(row["reviewed_at"]),
        "ended_at": _time(row["ended_at"]),
        "erased_at": _time(row["erased_at"]),
        "renewal_waits": row["renewal_by"] is not None,
    }


def _personal(row: dict[str, Any], key: Key | None) -> dict[str, Any]:
    if key is None or row["sealed_record"] is None:
        return {"name": None, "notes": None, "consents": [], "renewal": None}
    said = sealed.unpack(key, row["sealed_record"], sealed.RECORD)
    renewal: Sequence[dict[str, Any]] = ()
    if row["renewal_sealed"] is not None:
        renewal = [sealed.unpack(key, row["renewal_sealed"], sealed.RENEWAL)]
    return {
        "name": said["name"],
        "notes": said["notes"],
        "consents": said["consents"],
        "renewal": renewal[0] if renewal else None,
    }


def _event(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "event": row["event"],
        "actor": row["actor"],
        "caller_id": _text(row["caller_id"]),
        "photo_id": _text(row["photo_id"]),
        "revision": row["revision"],
        "at": row["at"].isoformat(),
    }


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)


def _time(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat()
