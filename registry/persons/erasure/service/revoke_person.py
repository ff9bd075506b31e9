"""Withdraw a consent: by the person's organization, or by the person with the revocation code."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from registry.core.database.pool import Connection
from registry.core.later import later
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.persons import model as person
from registry.persons import store as persons
from registry.persons.erasure import model as revocation
from registry.persons.erasure.service.finish_erasure import finish_erasure
from registry.persons.photos import store as person_photos
from registry.persons.service.find_person import find_person
from registry.persons.service.record_act import record_act
from registry.persons.service.show_person import show_person


def revoke_person(service: Service, caller: Caller, person_id: UUID) -> dict[str, Any]:
    """The person, revoked, with all data destroyed. Needs `faces` alone: withdrawing must not be harder than
    consenting. Nothing happens to one who has ended. Raises `NotFound` (`unknown_person`), `Unavailable`."""
    with service.pool.transaction() as connection:
        row = find_person(connection, caller, person_id, lock=True)
        if row["state"] in person.LIVING:
            _end(connection, person_id, actor="caller", caller_id=caller.caller_id)
    later(service, finish_erasure, person_id)
    return show_person(service, caller, person_id)


def revoke_by_code(service: Service, code: str) -> None:
    """Withdraw the consent whose code this is; nothing happens where it is nobody's, and nothing tells so.

    Raises `BadInput` (`bad_code`) for what can be no code, `Unavailable`.
    """
    digest = revocation.digest(code)
    with service.pool.transaction() as connection:
        found = persons.by_revocation(connection, digest)
        if found is None:
            return
        row = persons.lock_any(connection, found[0])
        if row is None or row["state"] not in person.LIVING:
            return
        _end(connection, found[0], actor="person")
    later(service, finish_erasure, found[0])


def _end(connection: Connection, person_id: UUID, *, actor: str, caller_id: UUID | None = None) -> None:
    persons.end(connection, person_id, "revoked")
    person_photos.close(connection, person_id)
    record_act(connection, person_id, "revoked", actor=actor, caller_id=caller_id)
