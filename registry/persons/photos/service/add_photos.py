"""Add photos to a person who is proposed."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO
from uuid import UUID, uuid4

from registry.core.crypto import sealed
from registry.core.crypto.keys import Key
from registry.core.database.pool import Connection
from registry.core.errors import BadInput, Conflict, TooLarge
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.jobs.service.relay_outbox import wake_workers
from registry.jobs.store import jobs
from registry.persons.photos import model as photo
from registry.persons.photos import store as person_photos
from registry.persons.service.find_person import find_person, may_enrol
from registry.persons.service.record_act import record_act
from registry.persons.service.show_person import photo_shape


@dataclass(frozen=True, slots=True, repr=False)
class Incoming:
    """A photo as it came; `filename` is a label."""

    filename: str
    size: int
    open: Callable[[], BinaryIO]


@dataclass(frozen=True, slots=True, repr=False)
class _Kept:
    """A photo on its way in: sealed in the blobs, or refused at sight."""

    photo_id: UUID
    filename: str
    digest: bytes
    blob_key: str | None
    reason: photo.Reason | None = None


def add_photos(
    service: Service, caller: Caller, person_id: UUID, files: Sequence[Incoming]
) -> dict[str, Any]:
    """What became of each file, in their order; a worker reads those that are `pending`.

    Files are sealed before they are kept. What is no picture, too large, or twice in this call is refused at
    once and not kept; what was sent before is not kept again (`created` false). Needs `faces`, and `register`
    or `takedown`. Raises `NotFound` (`unknown_person`), `Conflict` (`wrong_state`), `TooLarge`
    (`too_many_photos`), `BadInput` (`no_file`), `Unavailable`.
    """
    may_enrol(caller)
    if not files:
        raise BadInput("Send a part `photo` at least.", code="no_file")
    with service.pool.transaction() as connection:
        _proposed(connection, caller, person_id)
    _check_room(len(files))
    key = service.keys.get(person_id)
    kept: list[_Kept] = []
    unneeded: set[str] = set()
    try:
        for one in files:
            kept.append(_keep(service, key, one))
            unneeded.update(filter(None, [kept[-1].blob_key]))
        with service.pool.transaction() as connection:
            _proposed(connection, caller, person_id)
            answers = _write(connection, key, caller, kept)
        unneeded -= {kept.blob_key for kept, answer in zip(kept, answers, strict=True) if answer["created"]}
    finally:
        for blob_key in unneeded:
            service.blobs.delete(blob_key)
    wake_workers(service)
    return {"person_id": str(person_id), "photos": answers}


def _proposed(connection: Connection, caller: Caller, person_id: UUID) -> None:
    """Lock the person. Raises `Conflict` unless photos may still be added."""
    row = find_person(connection, caller, person_id, lock=True)
    if row["state"] != "proposed":
        raise Conflict(
            f"The person is {row['state']}; photos are taken while one is proposed.",
            code="wrong_state",
            next_step="Where photos have to change, revoke the person and enrol anew.",
            extra={"state": row["state"]},
        )


def _check_room(photos: int) -> None:
    if photos > photo.MOST_PHOTOS:
        raise TooLarge(
            f"A person has {photo.MOST_PHOTOS} photos at most; these would be {photos}.",
            code="too_many_photos",
            next_step="Choose the sharpest that show the face from the front, and remove others.",
        )


def _keep(service: Service, key: Key, file: Incoming) -> _Kept:
    photo_id = uuid4()
    if file.size > photo.MOST_BYTES:
        return _Kept(photo_id, file.filename, b"", None, "too_large")
    with file.open() as stream:
        raw = stream.read(photo.MOST_BYTES)
    if photo.content_type(raw[:16]) is None:
        return _Kept(photo_id, file.filename, b"", None, "unreadable")
    closed = key.seal(raw, sealed.PHOTO)
    blob = service.blobs.put(io.BytesIO(closed), limit=len(closed))
    return _Kept(photo_id, file.filename, key.digest(raw), blob.key)


def _write(connection: Connection, key: Key, caller: Caller, kept: Sequence[_Kept]) -> list[dict[str, Any]]:
    """Keep what is new; what is answered of each."""
    person_id = key.subject_id
    before = {row["digest"]: row for row in person_photos.of_person(connection, person_id)}
    new: dict[bytes, _Kept] = {}
    for one in kept:
        if one.reason is None and one.digest not in before:
            new.setdefault(one.digest, one)
    _check_room(len(before) + len(new))
    for one in new.values():
        said = {"filename": one.filename, "reading": None}
        person_photos.add(
            connection,
            photo_id=one.photo_id,
            person_id=person_id,
            digest=one.digest,
            blob_key=one.blob_key,
            sealed_reading=sealed.pack(key, said, sealed.READING),
        )
        jobs.enqueue(connection, "read_photo", one.photo_id)
        record_act(connection, person_id, "photo_added", caller_id=caller.caller_id, photo_id=one.photo_id)
    rows = {row["photo_id"]: row for row in person_photos.of_person(connection, person_id)}
    answers = []
    for one in kept:
        first = new.get(one.digest)
        if one.reason is not None:
            answers.append(_refused(one, one.reason))
        elif first is None:
            answers.append({**photo_shape(before[one.digest], key), "created": False})
        elif first is not one:
            answers.append(_refused(one, "same_photo_twice", first.photo_id))
        else:
            answers.append({**photo_shape(rows[one.photo_id], key), "created": True})
    return answers


def _refused(one: _Kept, reason: photo.Reason, other: UUID | None = None) -> dict[str, Any]:
    """Of a photo that was not kept."""
    return {
        "photo_id": None,
        "number": None,
        "filename": one.filename,
        "state": "refused",
        "reason": reason,
        "message": photo.ADVICE[reason],
        "other_photo_id": str(other) if other else None,
        "faces": [],
        "kept": False,
        "created": False,
    }
