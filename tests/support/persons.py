"""Enrolled protected persons, written to the database without reading photos first."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import numpy as np

from registry.catalogue.fingerprints.model.distance import Vectors
from registry.core.service import Service
from registry.identity.callers.model import Caller, HashedKey, new_key
from registry.identity.callers.store import callers
from registry.persons import store as persons
from tests.support.entries import let_fingerprints_age
from tests.support.media import drawn
from tests.support.service.rows import write, write_past_triggers

RECORD = {"name": "Ada Lovelace-Ibáñez", "consent": {"text": "I agree to be protected. Ada."}}


def photos(face: str, count: int = 3) -> Vectors:
    """Return vectors of photographs of the generated face `face`, shape (count, 128)."""
    base, numbers = drawn.unit(drawn.generator(f"face {face}"), 128), drawn.generator(f"photos {face}")
    rows = [base + 0.5 * drawn.unit(numbers, 128) for _ in range(count)]
    return np.array([row / np.linalg.norm(row) for row in rows], dtype=np.float32)


def enrol(
    service: Service,
    caller: Caller,
    vectors: Vectors | str,
    *,
    scope: Sequence[str] = ("lookups", "entries"),
    expires: timedelta = timedelta(days=90),
) -> UUID:
    """Create an active person of the caller's organization, reviewed by a second caller.

    `vectors`: shape (n, 128), or the name of a generated face. `expires`: from now; if negative, the consent
    was given before that time.
    """
    rows = photos(vectors) if isinstance(vectors, str) else vectors
    person_id = uuid4()
    key = service.keys.create(person_id)
    ends = datetime.now(UTC) + expires
    values = {
        "person_id": person_id,
        "organization_id": caller.organization_id,
        "assessment_id": _assessment(service, caller),
        "consented_at": min(datetime.now(UTC), ends) - timedelta(days=1),
        "expires_at": ends,
        "scope": list(scope),
        "commitment": key.digest(b"consent"),
        "record": key.seal(json.dumps(RECORD).encode(), "record"),
        "vectors": key.seal(rows.astype("<f2").tobytes(), "face"),
        "revocation": uuid4().bytes * 2,
        "proposed_by": caller.caller_id,
        "reviewed_by": _second(service, caller),
    }
    with service.pool.transaction() as connection:
        connection.execute(
            "INSERT INTO person (person_id, organization_id, assessment_id, state, consent_by, consented_at,"
            " expires_at, scope, consent_commitment, sealed_record, sealed_vectors, revocation_sha256,"
            " identity_checked, proposed_by, reviewed_by, reviewed_at) VALUES (%(person_id)s,"
            " %(organization_id)s, %(assessment_id)s, 'active', 'self', %(consented_at)s, %(expires_at)s,"
            " %(scope)s, %(commitment)s, %(record)s, %(vectors)s, %(revocation)s, true, %(proposed_by)s,"
            " %(reviewed_by)s, now())",
            values,
        )
    return person_id


def photo(service: Service, person_id: UUID, content: bytes) -> UUID:
    """Add a photo that waits to be read: an encrypted blob, a row and a job."""
    sealed = service.keys.get(person_id).seal(content, "photo")
    blob = service.blobs.put(io.BytesIO(sealed), limit=1 << 20)
    with service.pool.transaction() as connection:
        row = connection.execute(
            "INSERT INTO person_photo (person_id, number, blob_key) SELECT %s, count(*) + 1, %s"
            " FROM person_photo WHERE person_id = %s RETURNING photo_id",
            (person_id, blob.key, person_id),
        ).fetchone()
        assert row
        connection.execute(
            "INSERT INTO job (task, subject_id, queue) VALUES ('read_photo', %s, 'media')", (row["photo_id"],)
        )
    found: UUID = row["photo_id"]
    return found


def _assessment(service: Service, caller: Caller) -> UUID:
    with service.pool.transaction() as connection:
        made = persons.record_assessment(
            connection,
            title="Assessment",
            document_sha256=bytes(32),
            assessed_on=datetime.now(UTC).date(),
            recorded_by=caller.caller_id,
        )
    found: UUID = made["assessment_id"]
    return found


def _second(service: Service, caller: Caller) -> UUID:
    with service.pool.transaction() as connection:
        made = callers.insert_caller(
            connection,
            organization_id=caller.organization_id,
            name="second",
            key=HashedKey.of(new_key()),
            roles=["review"],
        )
    second: UUID = made["caller_id"]
    return second


def end_consent(service: Service, person_id: UUID | None = None) -> None:
    """Let the consent of a person, or of all, end now. It was given 100 days earlier."""
    write(
        service,
        "UPDATE person SET consented_at = consented_at - interval '100 days', expires_at = now()"
        " WHERE %(person_id)s::uuid IS NULL OR person_id = %(person_id)s",
        person_id=person_id,
    )


def let_proposal_age(service: Service, *, days: int) -> None:
    write(service, "UPDATE person SET proposed_at = now() - make_interval(days => %s)", days)


def leave_undecided(service: Service, person_id: UUID, *, days: int) -> None:
    """Let nobody have reviewed a person who was proposed so many days ago."""
    write(
        service,
        "UPDATE person SET state = 'proposed', sealed_vectors = NULL,"
        " proposed_at = now() - make_interval(days => %s) WHERE person_id = %s",
        days,
        person_id,
    )


def narrow_consent(service: Service, scope: Sequence[str], person_id: UUID | None = None) -> None:
    write(
        service,
        "UPDATE person SET scope = %(scope)s WHERE %(person_id)s::uuid IS NULL OR person_id = %(person_id)s",
        scope=[*scope],
        person_id=person_id,
    )


def damage_vectors(service: Service) -> None:
    """Flip a bit in the encrypted vectors of each person."""
    write(
        service,
        "UPDATE person SET sealed_vectors = set_byte(sealed_vectors, 40, get_byte(sealed_vectors, 40) # 1)",
    )


def photo_row(service: Service, person_id: UUID, blob_key: str) -> None:
    """Add the row of a photo without a job, as a request that ends after the person's erasure does."""
    write(
        service,
        "INSERT INTO person_photo (person_id, number, blob_key) VALUES (%s, 1, %s)",
        person_id,
        blob_key,
    )


def let_searches_age(service: Service) -> None:
    """Let the last face search, the last reviews and the last fingerprints be more than a day old."""
    write_past_triggers(service, "UPDATE face_search SET searched_at = searched_at - interval '25 hours'")
    write(service, "UPDATE person SET reviewed_at = reviewed_at - interval '26 hours'")
    let_fingerprints_age(service, hours=26)
