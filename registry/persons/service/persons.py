"""Enrolled persons: find, list, show."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
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
from registry.persons.photos import model as photo
from registry.persons.photos import store as person_photos


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
    kept = persons.record(connection, person_id, act, actor=actor, caller_id=caller_id, photo_id=photo_id)
    if kept is None:
        return
    organization_id, revision = kept
    subject = {"person_id": person_id} | ({"photo_id": photo_id} if photo_id else {})
    said = {"act": act, "actor": actor, "revision": revision}
    record_events(
        connection,
        [Event("person.changed", organization_id, caller_id, subject=subject, said=said)],
    )


def find_person(
    connection: Connection, caller: Caller, person_id: UUID, *, lock: bool = False
) -> dict[str, Any]:
    """Return the row of a person of the caller's organization, optionally locked. Needs `faces`.

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


def show_person(service: Service, caller: Caller, person_id: UUID) -> dict[str, Any]:
    """Return the person with photos and recorded acts. Needs `faces`.

    Raises `NotFound` (`unknown_person`), `Unavailable` (`keys_unavailable`, `sealed_damaged`).
    """
    with service.pool.transaction() as connection:
        row = find_person(connection, caller, person_id)
        return whole(connection, service, row)


def whole(connection: Connection, service: Service, row: dict[str, Any]) -> dict[str, Any]:
    """Shape a person's row for an answer, with photos and events."""
    key = service.keys.find(row["person_id"])
    photos = person_photos.of_person(connection, row["person_id"])
    events = persons.events(connection, row["person_id"])
    return {
        **_plain(row),
        **_personal(row, key),
        "photos": [photo_shape(item, key) for item in photos],
        "events": [_event(event) for event in events],
    }


def summary(service: Service, row: dict[str, Any]) -> dict[str, Any]:
    """Shape a person's row for a list, with the name and counts of photos."""
    try:
        name = _personal(row, service.keys.find(row["person_id"]))["name"]
    except Unavailable as error:
        if error.code != "sealed_damaged":
            raise
        name = None  # a damaged record must not hide the others
    return {
        **_plain(row),
        "name": name,
        "photos": {"sent": row["photos"], "usable": row["usable"], "pending": row["pending"]},
    }


def photo_shape(row: dict[str, Any], key: Key | None) -> dict[str, Any]:
    """Shape a photo's row for an answer: positions of faces, never their vectors."""
    said: dict[str, Any] = {}
    if key is not None and row["sealed_reading"] is not None:
        said = envelope.unpack(key, row["sealed_reading"], envelope.READING)
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
    said = envelope.unpack(key, row["sealed_record"], envelope.RECORD)
    renewal: Sequence[dict[str, Any]] = ()
    if row["renewal_sealed"] is not None:
        renewal = [envelope.unpack(key, row["renewal_sealed"], envelope.RENEWAL)]
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


def list_persons(
    service: Service, caller: Caller, *, state: str | None = None, limit: int = 50, after: str | None = None
) -> dict[str, Any]:
    """Return the persons of the caller's organization, newest first, with `next` as the cursor.

    Needs `faces`. Raises `BadInput` (`bad_cursor`).
    """
    caller.require("faces")
    with service.pool.transaction() as connection:
        rows = persons.page(
            connection,
            caller.organization_id,
            state=state,
            after=_decode(after) if after else None,
            limit=limit + 1,
        )
    more = len(rows) > limit
    rows = rows[:limit]
    last = rows[-1] if rows else None
    return {
        "persons": [summary(service, row) for row in rows],
        "next": cursor.encode(last["proposed_at"].isoformat(), last["person_id"]) if more and last else None,
    }


def _decode(given: str) -> tuple[datetime, UUID]:
    at, person_id = cursor.decode(given, words=2)
    try:
        return datetime.fromisoformat(at), UUID(person_id)
    except ValueError as error:
        raise cursor.refused() from error
