"""Photos for enrolment: add, analyse, judge, show, delete."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID, uuid4

from registry import jobs
from registry.core.crypto import envelope
from registry.core.crypto.keys import Key
from registry.core.database.pool import Connection
from registry.core.errors import NotFound, WrongState
from registry.core.errors.http import NoFile
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.jobs import Job
from registry.jobs.service.queue import wake_workers
from registry.persons import store as persons
from registry.persons.photos import model as photo
from registry.persons.photos import store as person_photos
from registry.persons.photos.errors import TooManyPhotos, UnknownPhoto
from registry.persons.photos.model import Reading
from registry.persons.schemas import AddedPhoto, AddedPhotos, Person, Photo
from registry.persons.service.persons import find_person, may_enrol, photo_shape, record_act, whole


def judge_photos(connection: Connection, key: Key, person_id: UUID) -> dict[UUID, Reading]:
    """Judge the person's analysed photos, store the results, and return the findings of usable photos in
    order.

    Lock the person first.
    """
    rows = person_photos.of_person(connection, person_id)
    readings = {row["photo_id"]: reading for row in rows if (reading := reading_of(key, row)) is not None}
    judgements = photo.together(readings)
    for row in rows:
        judgement = judgements.get(row["photo_id"])
        if judgement is not None and (row["reason"], row["other_photo_id"]) != (
            judgement.reason,
            judgement.other,
        ):
            person_photos.judge(connection, row["photo_id"], judgement.reason, judgement.other)
    return {
        photo_id: readings[photo_id] for photo_id, judgement in judgements.items() if judgement.reason is None
    }


def reading_of(key: Key, row: dict[str, Any]) -> Reading | None:
    """Return a worker's findings in a photo; None if it was not analysed."""
    if row["sealed_reading"] is None:
        return None
    sealed = envelope.unpack(key, row["sealed_reading"], envelope.READING)
    return photo.from_json(sealed["reading"]) if sealed["reading"] else None


def remove_photo(service: Service, caller: Caller, person_id: UUID, photo_id: UUID) -> Person:
    """Remove a photo, judge the others again, and return the person. Needs `faces`, and `register` or
    `takedown`.

    Raises `NotFound` (`unknown_person`, `unknown_photo`), `Conflict` (`wrong_state`).
    """
    may_enrol(caller)
    with service.pool.transaction() as connection:
        row = find_person(connection, caller, person_id, lock=True)
        if row.state != "proposed":
            raise WrongState(f"The person is {row.state}.", extra={"state": row.state})
        removed, blob_key = person_photos.remove(connection, person_id, photo_id)
        if not removed:
            raise unknown_photo(photo_id)
        judge_photos(connection, service.keys.get(person_id), person_id)
        record_act(connection, person_id, "photo_removed", caller_id=caller.caller_id, photo_id=photo_id)
        person = whole(connection, service, row)
    if blob_key is not None:
        service.blobs.delete(blob_key)
    return person


def unknown_photo(photo_id: UUID) -> NotFound:
    """Return the error for a photo that is not this person's or was deleted."""
    return UnknownPhoto(f"There is no photo {photo_id} of this person, or it is no longer kept.")


def get_photo(service: Service, caller: Caller, person_id: UUID, photo_id: UUID) -> tuple[str, bytes]:
    """Return content type and bytes of a photo, while the person is proposed. The view is recorded first.

    Needs `faces` and `review`. Raises `NotFound` (`unknown_person`, `unknown_photo`, `media_gone`).
    """
    caller.require("faces")
    caller.require("review")
    with service.pool.transaction() as connection:
        state = find_person(connection, caller, person_id).state
        rows = {row["photo_id"]: row for row in person_photos.of_person(connection, person_id)}
        row = rows.get(photo_id)
        if row is None or row["blob_key"] is None or state != "proposed":
            raise unknown_photo(photo_id)
        record_act(connection, person_id, "photo_viewed", caller_id=caller.caller_id, photo_id=photo_id)
    key = service.keys.get(person_id)
    with service.blobs.local_path(row["blob_key"]) as path:
        raw = key.open(path.read_bytes(), envelope.PHOTO)
    return photo.content_type(raw[:16]) or "application/octet-stream", raw


def forget_photos(service: Service, person_id: UUID) -> None:
    """Delete the encrypted files, then their keys in the rows. Safe to repeat; the sweeper resumes it if
    interrupted."""
    with service.pool.transaction() as connection:
        blob_keys = person_photos.blobs(connection, person_id)
    for blob_key in blob_keys:
        service.blobs.delete(blob_key)
    with service.pool.transaction() as connection:
        persons.lock_any(connection, person_id)
        person_photos.forget_blobs(connection, person_id)


@dataclass(frozen=True, slots=True, repr=False)
class Incoming:
    """An uploaded photo; `filename` is a label."""

    filename: str
    size: int
    open: Callable[[], BinaryIO]


@dataclass(frozen=True, slots=True, repr=False)
class _NewPhoto:
    """A photo being added: stored encrypted, or refused at once."""

    photo_id: UUID
    filename: str
    digest: bytes
    blob_key: str | None
    reason: photo.Reason | None = None


def add_photos(service: Service, caller: Caller, person_id: UUID, files: Sequence[Incoming]) -> AddedPhotos:
    """Add photos and return the result of each file, in order. A worker analyses those that are `pending`.

    Files are encrypted before they are stored. A file that is not a picture, too large, or repeated in this
    call is refused and not stored. A file that was sent before is not stored again (`created` false). Needs
    `faces`, and `register` or `takedown`. Raises `NotFound` (`unknown_person`), `Conflict` (`wrong_state`),
    `TooLarge` (`too_many_photos`), `BadInput` (`no_file`), `Unavailable`.
    """
    may_enrol(caller)
    if not files:
        raise NoFile("Send at least one part `photo`.")
    with service.pool.transaction() as connection:
        _proposed(connection, caller, person_id)
    _check_room(len(files))
    key = service.keys.get(person_id)
    new_photos: list[_NewPhoto] = []
    unneeded: set[str] = set()
    try:
        for file in files:
            new_photos.append(_keep(service, key, file))
            unneeded.update(filter(None, [new_photos[-1].blob_key]))
        with service.pool.transaction() as connection:
            _proposed(connection, caller, person_id)
            answers = _write(connection, key, caller, new_photos)
        unneeded -= {
            new_photos.blob_key
            for new_photos, answer in zip(new_photos, answers, strict=True)
            if answer.created
        }
    finally:
        for blob_key in unneeded:
            service.blobs.delete(blob_key)
    wake_workers(service)
    return AddedPhotos(person_id=str(person_id), photos=answers)


def _proposed(connection: Connection, caller: Caller, person_id: UUID) -> None:
    """Lock the person. Raises `Conflict` unless photos may still be added."""
    row = find_person(connection, caller, person_id, lock=True)
    if row.state != "proposed":
        raise WrongState(
            f"The person is {row.state}; photos can be added only while a person is proposed.",
            next_step="To change the photos, revoke the person and enrol again.",
            extra={"state": row.state},
        )


def _check_room(photos: int) -> None:
    if photos > photo.MOST_PHOTOS:
        raise TooManyPhotos(
            f"A person has {photo.MOST_PHOTOS} photos at most; with these it would have {photos}.",
            next_step="Choose the sharpest photos that show the face from the front, and remove others.",
        )


def _keep(service: Service, key: Key, file: Incoming) -> _NewPhoto:
    photo_id = uuid4()
    if file.size > photo.MOST_BYTES:
        return _NewPhoto(photo_id, file.filename, b"", None, "too_large")
    with file.open() as stream:
        raw = stream.read(photo.MOST_BYTES)
    if photo.content_type(raw[:16]) is None:
        return _NewPhoto(photo_id, file.filename, b"", None, "unreadable")
    encrypted = key.seal(raw, envelope.PHOTO)
    blob = service.blobs.put(io.BytesIO(encrypted), limit=len(encrypted))
    return _NewPhoto(photo_id, file.filename, key.digest(raw), blob.key)


def _write(
    connection: Connection, key: Key, caller: Caller, new_photos: Sequence[_NewPhoto]
) -> list[AddedPhoto]:
    """Insert new photos and return the answer for each."""
    person_id = key.subject_id
    stored = {row["digest"]: row for row in person_photos.of_person(connection, person_id)}
    first_copies: dict[bytes, _NewPhoto] = {}
    for photo_added in new_photos:
        if photo_added.reason is None and photo_added.digest not in stored:
            first_copies.setdefault(photo_added.digest, photo_added)
    _check_room(len(stored) + len(first_copies))
    for photo_added in first_copies.values():
        record = {"filename": photo_added.filename, "reading": None}
        person_photos.add(
            connection,
            photo_id=photo_added.photo_id,
            person_id=person_id,
            digest=photo_added.digest,
            blob_key=photo_added.blob_key,
            sealed_reading=envelope.pack(key, record, envelope.READING),
        )
        jobs.enqueue(connection, "read_photo", photo_added.photo_id)
        record_act(
            connection, person_id, "photo_added", caller_id=caller.caller_id, photo_id=photo_added.photo_id
        )
    rows = {row["photo_id"]: row for row in person_photos.of_person(connection, person_id)}
    answers = []
    for photo_added in new_photos:
        first_copy = first_copies.get(photo_added.digest)
        if photo_added.reason is not None:
            answers.append(_refused(photo_added, photo_added.reason))
        elif first_copy is None:
            answers.append(_added(photo_shape(stored[photo_added.digest], key), created=False))
        elif first_copy is not photo_added:
            answers.append(_refused(photo_added, "same_photo_twice", first_copy.photo_id))
        else:
            answers.append(_added(photo_shape(rows[photo_added.photo_id], key), created=True))
    return answers


def _added(photo_shown: Photo, *, created: bool) -> AddedPhoto:
    return AddedPhoto(**photo_shown.model_dump(), created=created)


def _refused(refused_photo: _NewPhoto, reason: photo.Reason, other: UUID | None = None) -> AddedPhoto:
    """Return the answer for a photo that was not stored."""
    return AddedPhoto(
        photo_id=None,
        number=None,
        filename=refused_photo.filename,
        state="refused",
        reason=reason,
        message=photo.ADVICE[reason],
        other_photo_id=str(other) if other else None,
        faces=[],
        kept=False,
        created=False,
    )


def open_photo(service: Service, job: Job, path: Path) -> bytes | None:
    """Decrypt the photo of a job from its file at `path`; None if the person has ended meanwhile.

    Raises `Unavailable` (`sealed_damaged`, `keys_unavailable`).
    """
    with service.pool.transaction() as connection:
        person_id = person_photos.whose(connection, job.subject_id)
    key = service.keys.find(person_id) if person_id else None
    return key.open(path.read_bytes(), envelope.PHOTO) if key else None


def save_reading(service: Service, job: Job, findings: Reading | photo.Reason | None) -> None:
    """Store a worker's findings, or its reason for having none, and judge the person's photos again. None:
    store nothing.

    If the person was decided on or has ended meanwhile, nothing is stored. Raises `Conflict` (`lease_lost`).
    """
    with service.pool.transaction() as connection:
        key = _lock(connection, service, job)
        if key is not None and findings is not None:
            _write_reading(connection, key, job, findings)
        jobs.hold(connection, job)
        jobs.finish(connection, job)


def _lock(connection: Connection, service: Service, job: Job) -> Key | None:
    """Lock the photo's person and return its key; None unless the person is still proposed."""
    person_id = person_photos.whose(connection, job.subject_id)
    row = persons.lock_any(connection, person_id) if person_id else None
    return service.keys.find(row.person_id) if row and row.state == "proposed" else None


def _write_reading(connection: Connection, key: Key, job: Job, findings: Reading | photo.Reason) -> None:
    photo_id = job.subject_id
    rows = {row["photo_id"]: row for row in person_photos.of_person(connection, key.subject_id)}
    if photo_id not in rows:
        return
    if isinstance(findings, str):
        person_photos.judge(connection, photo_id, findings)
    else:
        sealed = rows[photo_id]["sealed_reading"]
        record = envelope.unpack(key, sealed, envelope.READING) if sealed else {}
        encrypted = envelope.pack(key, {**record, "reading": photo.to_json(findings)}, envelope.READING)
        person_photos.save_findings(connection, photo_id, encrypted, photo.by_itself(findings))
        judge_photos(connection, key, key.subject_id)
    record_act(connection, key.subject_id, "photo_read", actor="service", photo_id=photo_id)
