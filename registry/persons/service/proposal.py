"""Proposals: enrol a person, or renew a consent."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID, uuid4

from registry.core.crypto import envelope
from registry.core.crypto.keys import Key
from registry.core.database.pool import Connection
from registry.core.errors import BadTime
from registry.core.labels import label
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.persons import model as person
from registry.persons import store as persons
from registry.persons.erasure import model as revocation
from registry.persons.errors import BadIdempotencyKey, ConsentNotNewer, IdempotencyKeyUsed, NoAssessment
from registry.persons.model import Consent, GivenConsent
from registry.persons.schemas import NewConsent, NewPerson, Person, ProposedPerson
from registry.persons.service.persons import find_person, may_enrol, record_act, whole

_WELL_FORMED: Final = re.compile(r"[\x21-\x7e]{8,200}\Z")


def propose_person(
    service: Service, caller: Caller, new: NewPerson, *, idempotency_key: str | None = None
) -> ProposedPerson:
    """Propose a person and return it with the `revocation_code`, shown only here. A second caller decides.

    Needs `faces`, and `register` or `takedown`. Repeating the request with the same `idempotency_key` (8 to
    200 visible ASCII characters, without personal data) returns the same person, `created` false. Raises what
    `registry.persons.model` raises, `Forbidden` (`minor_protection`), `Conflict` (`no_assessment`,
    `idempotency_key_used`), `BadInput` (`bad_idempotency_key`), `Unavailable` (`keys_unavailable`).
    """
    may_enrol(caller)
    person.refuse_abuse(shows_minor_sexually=new.shows_minor_sexually)
    consent = checked(new.consent)
    record = {
        "name": label(new.name, "name"),
        "notes": person.prose(new.notes, "notes") if new.notes else None,
        "consents": [consent.record()],
    }
    request = _request(idempotency_key)
    with service.pool.transaction() as connection:
        assessment_id = require_assessment(connection)
        if request and (person_id := persons.by_request(connection, caller.organization_id, request)):
            return _again(connection, service, caller, person_id, record)
    with service.keys.making(uuid4()) as key, service.pool.transaction() as connection:
        proposal = {"assessment_id": assessment_id, "request_sha256": request}
        _insert(connection, key, caller, consent, proposal | {"sealed_record": _sealed(key, record)})
        record_act(connection, key.subject_id, "proposed", caller_id=caller.caller_id)
        row = persons.show(connection, caller.organization_id, key.subject_id)
        assert row is not None  # noqa: S101 - it was inserted in this transaction
        return _proposed(whole(connection, service, row), key, created=True)


def _proposed(person_shown: Person, key: Key, *, created: bool) -> ProposedPerson:
    return ProposedPerson(
        **person_shown.model_dump(exclude_unset=True), created=created, revocation_code=_code(key)
    )


def _sealed(key: Key, record: dict[str, Any]) -> bytes:
    return envelope.pack(key, record, envelope.RECORD)


def checked(sent: NewConsent) -> Consent:
    """Validate the consent against the current time. Raises `BadInput`."""
    times = {
        "given_at": _time(sent.given_at, "given_at"),
        "expires_at": None if sent.expires_at is None else _time(sent.expires_at, "expires_at"),
    }
    return person.consent(GivenConsent(**sent.model_dump() | times), now=datetime.now(UTC))


def require_assessment(connection: Connection) -> UUID:
    """Return the assessment in force. Raises `Conflict` (`no_assessment`)."""
    assessments = persons.assessments(connection)
    if not assessments:
        raise NoAssessment(
            "Nobody can be enrolled before the operator has recorded a data-protection assessment."
        )
    assessment_id: UUID = assessments[0]["assessment_id"]
    return assessment_id


def _insert(
    connection: Connection, key: Key, caller: Caller, consent: Consent, proposal: dict[str, Any]
) -> None:
    """Insert the person. `proposal`: assessment_id, request_sha256, sealed_record."""
    values = proposal | {
        "person_id": key.subject_id,
        "organization_id": caller.organization_id,
        "consent_by": consent.by,
        "consented_at": consent.given_at,
        "expires_at": consent.expires_at,
        "scope": list(consent.scope),
        "consent_commitment": key.digest(bytes.fromhex(consent.document_sha256)),
        "revocation_sha256": revocation.digest(_code(key)),
        "proposed_by": caller.caller_id,
    }
    if not persons.insert(connection, values):
        raise IdempotencyKeyUsed("The same request is being answered.")


def _again(
    connection: Connection, service: Service, caller: Caller, person_id: UUID, record: dict[str, Any]
) -> ProposedPerson:
    """Return the person of a repeated request, whose first answer may have been lost."""
    row = persons.show(connection, caller.organization_id, person_id)
    key = service.keys.find(person_id)
    if row is not None and key is not None and row.sealed_record is not None:
        same = envelope.unpack(key, row.sealed_record, envelope.RECORD) == record
        if same and row.proposed_by == caller.caller_id and row.state == "proposed":
            return _proposed(whole(connection, service, row), key, created=False)
    raise IdempotencyKeyUsed(
        "This Idempotency-Key was used with another request, or its person was decided on.",
        next_step="Send a new key with each person.",
    )


def _code(key: Key) -> str:
    """Derive the revocation code from the key: a repeated request gets it again, and nobody can after the key
    is destroyed."""
    return revocation.code(key.digest(b"revocation code"))


def _request(idempotency_key: str | None) -> bytes | None:
    if idempotency_key is None:
        return None
    if not _WELL_FORMED.match(idempotency_key):
        raise BadIdempotencyKey("An Idempotency-Key has 8 to 200 visible ASCII characters.")
    return hashlib.sha256(idempotency_key.encode()).digest()


def _time(text: str, field: str) -> datetime:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise BadTime(
            f"`{field}` is a date or a time with its offset, as in 2026-11-25T10:00:00+01:00."
        ) from None
    return time.replace(tzinfo=UTC) if time.tzinfo is None and len(text) == len("2026-11-25") else time


def renew_person(service: Service, caller: Caller, person_id: UUID, consent: NewConsent) -> Person:
    """Submit a new consent, which waits for a second caller; until then the old one is in force. Another
    submission replaces the waiting one. Needs `faces`, and `register` or `takedown`.

    Raises what `registry.persons.model` raises, `BadInput` (`consent_not_newer`), `Conflict` (`wrong_state`,
    `no_assessment`), `NotFound` (`unknown_person`).
    """
    may_enrol(caller)
    new_consent = checked(consent)
    with service.pool.transaction() as connection:
        row = find_person(connection, caller, person_id, lock=True)
        person.after(row.state, "renew")
        require_assessment(connection)
        if new_consent.given_at <= row.consented_at:
            raise ConsentNotNewer("The consent in force is not older; a renewal needs a newer consent.")
        key = service.keys.get(person_id)
        values = {
            "consent_by": new_consent.by,
            "consented_at": new_consent.given_at,
            "expires_at": new_consent.expires_at,
            "scope": list(new_consent.scope),
            "consent_commitment": key.digest(bytes.fromhex(new_consent.document_sha256)),
            "sealed": envelope.pack(key, new_consent.record(), envelope.RENEWAL),
            "renewal_by": caller.caller_id,
        }
        persons.propose_renewal(connection, person_id, values)
        record_act(connection, person_id, "renewal_proposed", caller_id=caller.caller_id)
        renewed = find_person(connection, caller, person_id)
        return whole(connection, service, renewed)
