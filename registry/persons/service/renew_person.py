"""Send a new consent of an enrolled person before the old one ends."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from registry.core.crypto import sealed
from registry.core.errors import BadInput
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.persons import model as person
from registry.persons import store as persons
from registry.persons.service.find_person import find_person, may_enrol
from registry.persons.service.propose_person import Given, checked, require_assessment
from registry.persons.service.record_act import record_act
from registry.persons.service.show_person import whole


def renew_person(service: Service, caller: Caller, person_id: UUID, consent: Given) -> dict[str, Any]:
    """The person, whose new consent waits for a second caller; until then the old one holds. Sent again, it
    replaces the one that waits. Needs `faces`, and `register` or `takedown`.

    Raises what `registry.persons.model` raises, `BadInput` (`consent_not_newer`), `Conflict` (`wrong_state`,
    `no_assessment`), `NotFound` (`unknown_person`).
    """
    may_enrol(caller)
    given = checked(consent)
    with service.pool.transaction() as connection:
        row = find_person(connection, caller, person_id, lock=True)
        person.after(row["state"], "renew")
        require_assessment(connection)
        if given.given_at <= row["consented_at"]:
            raise BadInput(
                "The consent in force is as new; a renewal needs a new one.",
                code="consent_not_newer",
                next_step="Ask the person for a new consent.",
            )
        key = service.keys.get(person_id)
        values = {
            "consent_by": given.by,
            "consented_at": given.given_at,
            "expires_at": given.expires_at,
            "scope": list(given.scope),
            "consent_commitment": key.digest(bytes.fromhex(given.document_sha256)),
            "sealed": sealed.pack(key, given.record(), sealed.RENEWAL),
            "renewal_by": caller.caller_id,
        }
        persons.propose_renewal(connection, person_id, values)
        record_act(connection, person_id, "renewal_proposed", caller_id=caller.caller_id)
        now = find_person(connection, caller, person_id)
        return whole(connection, service, now)
