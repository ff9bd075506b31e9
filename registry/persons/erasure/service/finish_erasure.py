"""A person has ended: make what is left unreadable everywhere, then delete it here."""

from __future__ import annotations

from uuid import UUID

from registry.core.errors import Conflict
from registry.core.service import Service
from registry.persons import model as person
from registry.persons import store as persons
from registry.persons.erasure import store as erasure
from registry.persons.service.record_act import record_act


def finish_erasure(service: Service, person_id: UUID) -> bool:
    """Destroy the key of a person whose end (refused, revoked, expired, erased) is committed, then delete
    photos and all that was derived; whether the person is erased only now.

    The key goes first: from then on copies in backups, write-ahead logs and replicas are noise, wherever this
    is interrupted. Each step may be done twice, and the sweep goes on with what was cut off. Nothing happens
    to a person who is not known. Raises `Conflict` (`wrong_state`) for one who has not ended, `Unavailable`.
    """
    with service.pool.transaction() as connection:
        row = persons.lock_any(connection, person_id)
        if row is None:
            return False
        _require_ended(row["state"])
    service.keys.destroy(person_id)
    with service.pool.transaction() as connection:
        blobs = erasure.photo_blobs(connection, person_id)
    for key in blobs:  # sealed with a nonce of their own: no two persons or photos share one
        service.blobs.delete(key)
    with service.pool.transaction() as connection:
        persons.lock_any(connection, person_id)
        erasure.forget(connection, person_id)
        new = persons.erased(connection, person_id)
        if new:
            record_act(connection, person_id, "erased", actor="service")
    return new


def _require_ended(state: str) -> None:
    if state in person.LIVING:
        raise Conflict(
            "The person's consent has not ended.", code="wrong_state", next_step="Revoke it first."
        )
