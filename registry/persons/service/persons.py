"""Enrolled persons: find, list, show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from uuid import UUID

from registry.core import cursor
from registry.core.audit.model.event import Event
from registry.core.audit.service import record_events
from registry.core.crypto import envelope
from registry.core.crypto.keys import Key
from registry.core.database.pool import Connection
from registry.core.errors import Unavailable
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.persons import store as persons
from registry.persons.errors import UnknownPerson
from registry.persons.model import StoredPerson
from registry.persons.photos import model as photo
from registry.persons.photos import store as person_photos
from registry.persons.schemas import ListedPerson, Person, PersonPage, Photo
from registry.persons.store import PhotoCounts


def record_act(
    connection: Connection,
    person_id: UUID,
    act: str,
    *,
    actor: str = "caller",
    caller_id: UUID | None = None,
    photo_id: UUID | None = None,
) -> None:
    """Record an act. `act`: a code of `persons.model`. `actor`: caller, person (by the revocation code) or
    service."""
    recorded = persons.record(connection, person_id, act, actor=actor, caller_id=caller_id, photo_id=photo_id)
    if recorded is None:
        return
    organization_id, revision = recorded
    subject = {"person_id": person_id} | ({"photo_id": photo_id} if photo_id else {})
    details = {"act": act, "actor": actor, "revision": revision}
    record_events(
        connection,
        [Event("person.changed", organization_id, caller_id, subject=subject, said=details)],
    )


def find_person(
    connection: Connection, caller: Caller, person_id: UUID, *, lock: bool = False
) -> StoredPerson:
    """Return a person of the caller's organization, optionally locked. Needs `faces`.

    Raises `Forbidden`, `NotFound` (`unknown_person`), also for persons of other organizations.
    """
    caller.require("faces")
    find = persons.lock if lock else persons.show
    row = find(connection, caller.organization_id, person_id)
    if row is None:
        raise UnknownPerson(f"There is no person {person_id} in your organization.")
    return row


def may_enrol(caller: Caller) -> None:
    """Raise `Forbidden` unless the caller may enrol persons: scope `faces`, and role `register` (maintains
    the registry) or `takedown` (acts for people shown)."""
    caller.require("faces")
    caller.require_any("register", "takedown")


def get_person(service: Service, caller: Caller, person_id: UUID) -> Person:
    """Return the person with photos and recorded acts. Needs `faces`.

    Raises `NotFound` (`unknown_person`), `Unavailable` (`keys_unavailable`, `sealed_damaged`).
    """
    with service.pool.transaction() as connection:
        row = find_person(connection, caller, person_id)
        return whole(connection, service, row)


def whole(connection: Connection, service: Service, row: StoredPerson) -> Person:
    """Return a person with photos and events."""
    key = service.keys.find(row.person_id)
    photos = person_photos.of_person(connection, row.person_id)
    return Person.model_validate(
        {
            **_plain(row),
            **_personal(row, key),
            "photos": [photo_shape(photo_, key) for photo_ in photos],
            "events": persons.events(connection, row.person_id),
        }
    )


def photo_shape(row: Mapping[str, Any], key: Key | None) -> Photo:
    """Return a photo with the positions of faces, never their vectors."""
    record: dict[str, Any] = {}
    if key is not None and row["sealed_reading"] is not None:
        record = envelope.unpack(key, row["sealed_reading"], envelope.READING)
    reading = photo.from_json(record["reading"]) if record.get("reading") else None
    faces = [tuple(round(share, 4) for share in face.box) for face in reading.faces] if reading else []
    return Photo.model_validate(
        {
            **row,
            "filename": record.get("filename", ""),
            "message": photo.ADVICE[row["reason"]] if row["reason"] else None,
            "faces": faces,
            "kept": row["blob_key"] is not None,
        }
    )


def _plain(row: StoredPerson) -> dict[str, Any]:
    return asdict(row) | {"renewal_waits": row.renewal_by is not None}


def _personal(row: StoredPerson, key: Key | None) -> dict[str, Any]:
    if key is None or row.sealed_record is None:
        return {"name": None, "notes": None, "consents": [], "renewal": None}
    record = envelope.unpack(key, row.sealed_record, envelope.RECORD)
    sealed = row.renewal_sealed
    renewal = None if sealed is None else envelope.unpack(key, sealed, envelope.RENEWAL)
    return {name: record[name] for name in ("name", "notes", "consents")} | {"renewal": renewal}


def _listed(service: Service, row: StoredPerson, photos: PhotoCounts) -> ListedPerson:
    try:
        name = _personal(row, service.keys.find(row.person_id))["name"]
    except Unavailable as error:
        if error.code != "sealed_damaged":
            raise
        name = None  # a damaged record must not hide the others
    return ListedPerson.model_validate(_plain(row) | {"name": name, "photos": asdict(photos)})


def list_persons(
    service: Service, caller: Caller, *, state: str | None = None, limit: int = 50, after: str | None = None
) -> PersonPage:
    """Return the persons of the caller's organization, newest first, with `next` as the cursor.

    Needs `faces`. Raises `BadInput` (`bad_cursor`).
    """
    caller.require("faces")
    with service.pool.transaction() as connection:
        rows = persons.page(
            connection,
            caller.organization_id,
            state=state,
            after=cursor.place(after) if after else None,
            limit=limit + 1,
        )
    more = len(rows) > limit
    rows = rows[:limit]
    last = rows[-1][0] if more else None
    return PersonPage(
        persons=[_listed(service, *row) for row in rows],
        next=cursor.encode(last.proposed_at.isoformat(), last.person_id) if last else None,
    )
