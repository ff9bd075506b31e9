"""A worker reads a photo: open it, keep what was seen."""

from __future__ import annotations

from pathlib import Path

from registry.core.crypto import sealed
from registry.core.crypto.keys import Key
from registry.core.database.pool import Connection
from registry.core.service import Service
from registry.jobs.store import jobs
from registry.jobs.store.jobs import Job
from registry.persons import store as persons
from registry.persons.photos import model as photo
from registry.persons.photos import store as person_photos
from registry.persons.photos.model import Reading
from registry.persons.photos.service.judge_photos import judge_photos
from registry.persons.service.record_act import record_act


def open_photo(service: Service, job: Job, path: Path) -> bytes | None:
    """The photo of a job, whose sealed file lies at `path`; None where the person has ended meanwhile.

    Raises `Unavailable` (`sealed_damaged`, `keys_unavailable`).
    """
    with service.pool.transaction() as connection:
        person_id = person_photos.whose(connection, job.subject_id)
    key = service.keys.find(person_id) if person_id else None
    return key.open(path.read_bytes(), sealed.PHOTO) if key else None


def keep_reading(service: Service, job: Job, seen: Reading | photo.Reason | None) -> None:
    """Keep what a worker saw, or why it saw nothing, and judge the person's photos anew; None: nothing.

    A person decided on or ended meanwhile keeps nothing of it. Raises `Conflict` (`lease_lost`).
    """
    with service.pool.transaction() as connection:
        key = _lock(connection, service, job)
        if key is not None and seen is not None:
            _write(connection, key, job, seen)
        jobs.hold(connection, job)
        jobs.finish(connection, job)


def _lock(connection: Connection, service: Service, job: Job) -> Key | None:
    """The key of the photo's person, locked, if the person is still proposed."""
    person_id = person_photos.whose(connection, job.subject_id)
    row = persons.lock_any(connection, person_id) if person_id else None
    return service.keys.find(row["person_id"]) if row and row["state"] == "proposed" else None


def _write(connection: Connection, key: Key, job: Job, seen: Reading | photo.Reason) -> None:
    photo_id = job.subject_id
    rows = {row["photo_id"]: row for row in person_photos.of_person(connection, key.subject_id)}
    if photo_id not in rows:
        return
    if isinstance(seen, str):
        person_photos.judge(connection, photo_id, seen)
    else:
        named = rows[photo_id]["sealed_reading"]
        said = sealed.unpack(key, named, sealed.READING) if named else {}
        closed = sealed.pack(key, {**said, "reading": photo.to_json(seen)}, sealed.READING)
        person_photos.read(connection, photo_id, closed, photo.by_itself(seen))
        judge_photos(connection, key, key.subject_id)
    record_act(connection, key.subject_id, "photo_read", actor="service", photo_id=photo_id)
