"""Erasure of a person: first the key, then the data."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import UUID

from registry.core.after_commit import later
from registry.core.database.pool import Connection
from registry.core.errors import Unavailable, WrongState
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.persons import model as person
from registry.persons import store as persons
from registry.persons.erasure import model as revocation
from registry.persons.erasure import store as erasure
from registry.persons.model import StoredPerson
from registry.persons.photos import store as person_photos
from registry.persons.photos.service import forget_photos
from registry.persons.schemas import Person
from registry.persons.service.persons import find_person, get_person, record_act


def finish_erasure(service: Service, person_id: UUID) -> bool:
    """Destroy the key of a person who has ended (refused, revoked, expired, erased), then delete photos and
    derived data. The end is already committed. Return whether the person is newly erased.

    The key goes first. From then on, copies in backups, write-ahead logs and replicas are unreadable, even if
    the rest is interrupted. Each step may be repeated, and the sweep resumes an interrupted erasure. An
    unknown person is ignored. Raises `Conflict` (`wrong_state`) for a person who has not ended,
    `Unavailable`.
    """
    with service.pool.transaction() as connection:
        row = persons.lock_any(connection, person_id)
        if row is None:
            return False
        _require_ended(row.state)
    service.keys.destroy(person_id)
    with service.pool.transaction() as connection:
        blobs = erasure.photo_blobs(connection, person_id)
    for key in blobs:  # sealed with random nonces: no two persons or photos share a blob
        service.blobs.delete(key)
    with service.pool.transaction() as connection:
        persons.lock_any(connection, person_id)
        erasure.forget(connection, person_id)
        newly_erased = persons.mark_erased(connection, person_id)
        if newly_erased:
            record_act(connection, person_id, "erased", actor="service")
    return newly_erased


def _require_ended(state: str) -> None:
    if state in person.LIVING:
        raise WrongState("The person's consent has not ended.", next_step="Revoke it first.")


def revoke_person(service: Service, caller: Caller, person_id: UUID) -> Person:
    """Revoke a person, destroy all data, and return the person. Needs only `faces`, because withdrawing must
    not be harder than consenting. Does nothing for a person who has ended. Raises `NotFound`
    (`unknown_person`), `Unavailable`."""
    with service.pool.transaction() as connection:
        row = find_person(connection, caller, person_id, lock=True)
        if row.state in person.LIVING:
            _end(connection, person_id, actor="caller", caller_id=caller.caller_id)
    later(service, finish_erasure, person_id)
    return get_person(service, caller, person_id)


def revoke_by_code(service: Service, code: str) -> None:
    """Withdraw the consent with this code. An unknown code does nothing, and the caller cannot tell.

    Raises `BadInput` (`bad_code`) for an invalid code, `Unavailable`.
    """
    digest = revocation.digest(code)
    with service.pool.transaction() as connection:
        person_and_organization = persons.by_revocation(connection, digest)
        if person_and_organization is None:
            return
        row = persons.lock_any(connection, person_and_organization[0])
        if row is None or row.state not in person.LIVING:
            return
        _end(connection, person_and_organization[0], actor="person")
    later(service, finish_erasure, person_and_organization[0])


def _end(connection: Connection, person_id: UUID, *, actor: str, caller_id: UUID | None = None) -> None:
    persons.end(connection, person_id, "revoked")
    person_photos.close(connection, person_id)
    record_act(connection, person_id, "revoked", actor=actor, caller_id=caller_id)


log = logging.getLogger(__name__)

Step = Callable[[Service, UUID], object]


def sweep_persons(service: Service) -> int:
    """Erase persons whose consent or proposal has expired, resume interrupted erasures, and return how many
    were erased. It may run at any time and concurrently. It tries all persons and then raises the first
    `Unavailable`, so one failure does not block the others.

    A person is erased again only if the key's own marker says that the key was destroyed. An empty or foreign
    folder of keys erases nobody. If a key exists although its person is erased, the key is destroyed: its
    folder was away at the end, or came back from a backup.
    """
    with service.pool.transaction() as connection:
        expiring = persons.list_expiring(connection, proposal_days=person.PROPOSAL_DAYS)
        restored = erasure.unerased(connection, service.keys.destroyed())
        remaining = erasure.remains(connection)
        remaining += erasure.erased_of(connection, service.keys.held())
        erasure.forget_outside(connection)
    for person_id in expiring:
        _end_each(service, person_id, "expired")
    for person_id in restored:
        _end_each(service, person_id, "erased")
    with service.pool.transaction() as connection:
        ended = persons.list_ended(connection)
        decided = person_photos.decided(connection)
    steps: list[tuple[Step, UUID]] = [
        (finish_erasure, person_id) for person_id in (*ended, *restored, *remaining)
    ]
    steps += [(forget_photos, person_id) for person_id in decided]
    failed = {
        person_id: error
        for step, person_id in steps
        if (error := _tried(service, step, person_id)) is not None
    }
    erased = (set(ended) | set(restored)) - set(failed)
    if erased:
        log.info("persons erased", extra={"persons": len(erased), "restored": len(restored)})
    if failed:
        raise next(iter(failed.values()))
    return len(erased)


def _tried(service: Service, step: Step, person_id: UUID) -> Unavailable | None:
    """Run a step and return the error if it cannot run now."""
    try:
        step(service, person_id)
    except Unavailable as error:
        log.warning("person not swept: %s", error.code, extra={"person_id": str(person_id)})
        return error
    return None


def _end_each(service: Service, person_id: UUID, state: Literal["expired", "erased"]) -> None:
    with service.pool.transaction() as connection:
        row = persons.lock_any(connection, person_id)
        if row is None or row.state not in person.LIVING:
            return
        if state == "expired" and not _over(row, datetime.now(UTC)):
            return  # renewed meanwhile
        persons.end(connection, person_id, state)
        record_act(connection, person_id, state, actor="service")


def _over(row: StoredPerson, now: datetime) -> bool:
    waited = now - row.proposed_at >= timedelta(days=person.PROPOSAL_DAYS)
    return bool(row.expires_at <= now or (row.state == "proposed" and waited))


def revoke_organization(connection: Connection, caller: Caller, organization_id: UUID) -> list[UUID]:
    """Revoke all consents of an organization that is closed. Return the persons whose keys must be destroyed
    after the commit (`finish_erasure`)."""
    person_ids = persons.lock_of_organization(connection, organization_id)
    for person_id in person_ids:
        persons.end(connection, person_id, "revoked")
        person_photos.close(connection, person_id)
        persons.record(connection, person_id, "revoked", caller_id=caller.caller_id)
    return person_ids
