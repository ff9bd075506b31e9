"""Enrol a person step by step, with the actions of callers and workers."""

from __future__ import annotations

import io
from typing import Any, Final
from uuid import UUID

from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.persons.photos.service import Incoming, add_photos, get_photo
from registry.persons.schemas import AddedPhoto, NewConsent, NewPerson
from registry.persons.service.persons import get_person
from registry.persons.service.proposal import propose_person
from registry.persons.service.review import Review
from tests.support import people as enrolment
from workers.tasks.read_photo import read_photo

ACCEPT: Final = Review("accept", identity_checked=True, mandate_checked=True, how=enrolment.HOW)


def propose(service: Service, caller: Caller, **changed: Any) -> tuple[UUID, str]:
    person = enrolment.person(**changed)
    made = propose_person(
        service,
        caller,
        NewPerson(
            name=person["name"],
            consent=NewConsent(**person["consent"]),
            shows_minor_sexually=False,
            notes=person["notes"],
        ),
    )
    return UUID(made.person_id), made.revocation_code


def send(service: Service, caller: Caller, person_id: UUID, *photos: bytes) -> list[AddedPhoto]:
    """Upload photos. Their file names are personal data too."""

    def opener(raw: bytes) -> Any:
        return lambda: io.BytesIO(raw)

    files = [
        Incoming(f"{enrolment.NAME} {n}.jpg", len(raw), opener(raw)) for n, raw in enumerate(photos, start=1)
    ]
    return add_photos(service, caller, person_id, files).photos


def work(service: Service) -> int:
    """Do the waiting jobs as a worker does."""
    with service.pool.transaction() as connection:
        waiting = connection.execute(
            "SELECT job_id FROM job WHERE status = 'queued' AND task = 'read_photo' ORDER BY created_at"
        ).fetchall()
    for row in waiting:
        read_photo(str(row["job_id"]))
    return len(waiting)


def look(service: Service, caller: Caller, person_id: UUID) -> None:
    """View each photo."""
    for photo in get_person(service, caller, person_id).photos:
        get_photo(service, caller, person_id, UUID(photo.photo_id))
