"""Enrolled persons and their recorded events.

Rows hold ids, codes, dates and encrypted bytes. Decryption needs the person's key
(`registry.core.crypto.keys`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

from registry.core.database import sql
from registry.core.database.pool import Connection
from registry.persons.model import StoredPerson

_SQL = sql.load(__name__)


@dataclass(frozen=True, slots=True, repr=False)
class ActivePerson:
    """A person with whose faces media may be compared now.

    `sealed_vectors`: opened by `Key.open(…, "face")`, n * 128 little-endian float16. `revision` changes
    whenever the vectors, the state, the scope or the expiry change.
    """

    person_id: UUID
    organization_id: UUID
    revision: int
    sealed_vectors: bytes


@dataclass(frozen=True, slots=True)
class PhotoCounts:
    """Numbers of a person's photos: all, those that can be used, and those that wait for a worker."""

    sent: int
    usable: int
    pending: int


def active(connection: Connection, organization_id: UUID, scope: str = "lookups") -> list[ActivePerson]:
    """Return the organization's persons whose consent is reviewed, in force now and covers `scope`."""
    parameters = {"organization_id": organization_id, "scope": scope}
    return [ActivePerson(**row) for row in connection.execute(_SQL["active"], parameters).fetchall()]


def record_assessment(
    connection: Connection, *, title: str, document_sha256: bytes, assessed_on: date, recorded_by: UUID
) -> dict[str, Any]:
    """Insert a data-protection assessment of the operator."""
    parameters = {
        "title": title,
        "document_sha256": document_sha256,
        "assessed_on": assessed_on,
        "recorded_by": recorded_by,
    }
    row = connection.execute(_SQL["record_assessment"], parameters).fetchone()
    assert row is not None  # noqa: S101 - an insert returns its row
    return row


def assessments(connection: Connection) -> list[dict[str, Any]]:
    """Return the assessments, the one in force first. Empty: nobody may be enrolled."""
    return connection.execute(_SQL["assessments"]).fetchall()


def insert(connection: Connection, values: Mapping[str, Any]) -> bool:
    """Insert a proposed person. False if the same request was made before."""
    return connection.execute(_SQL["insert"], values).fetchone() is not None


def by_request(connection: Connection, organization_id: UUID, request_sha256: bytes) -> UUID | None:
    """Return the person that the organization proposed with that request."""
    parameters = {"organization_id": organization_id, "request_sha256": request_sha256}
    row = connection.execute(_SQL["by_request"], parameters).fetchone()
    return row["person_id"] if row else None


def by_revocation(connection: Connection, revocation_sha256: bytes) -> tuple[UUID, UUID] | None:
    """Return the person whose revocation code has that digest, and the organization."""
    row = connection.execute(_SQL["by_revocation"], {"revocation_sha256": revocation_sha256}).fetchone()
    return (row["person_id"], row["organization_id"]) if row else None


def show(connection: Connection, organization_id: UUID, person_id: UUID) -> StoredPerson | None:
    """Return a person's row, for its own organization."""
    parameters = {"organization_id": organization_id, "person_id": person_id}
    return _person(connection.execute(_SQL["show"], parameters).fetchone())


def lock(connection: Connection, organization_id: UUID, person_id: UUID) -> StoredPerson | None:
    """Like `show`, but locked until the transaction ends. Lock order: person, photos, job."""
    parameters = {"organization_id": organization_id, "person_id": person_id}
    return _person(connection.execute(_SQL["lock"], parameters).fetchone())


def lock_any(connection: Connection, person_id: UUID) -> StoredPerson | None:
    """Return a person's row of any organization, locked: for the service itself."""
    return _person(connection.execute(_SQL["lock_any"], {"person_id": person_id}).fetchone())


def _person(row: Mapping[str, Any] | None) -> StoredPerson | None:
    return StoredPerson(**{field.name: row[field.name] for field in fields(StoredPerson)}) if row else None


def page(
    connection: Connection,
    organization_id: UUID,
    *,
    state: str | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[tuple[StoredPerson, PhotoCounts]]:
    """Return the organization's persons, newest first, with counts of their photos."""
    parameters = {
        "organization_id": organization_id,
        "state": state,
        "after_at": after[0] if after else None,
        "after_id": after[1] if after else None,
        "limit": limit,
    }
    return [
        (person, PhotoCounts(row["photos"], row["usable"], row["pending"]))
        for row in connection.execute(_SQL["page"], parameters).fetchall()
        if (person := _person(row)) is not None
    ]


def accept(connection: Connection, person_id: UUID, values: Mapping[str, Any]) -> None:
    """proposed -> active. Lock the person first; the same holds for the functions below."""
    connection.execute(_SQL["accept"], {"person_id": person_id, **values})


def end(connection: Connection, person_id: UUID, state: str, *, reviewed_by: UUID | None = None) -> None:
    """proposed or active -> refused, revoked, expired or erased. Encrypted data is removed from the row."""
    connection.execute(_SQL["end"], {"person_id": person_id, "state": state, "reviewed_by": reviewed_by})


def list_ended(connection: Connection, *, limit: int = 100) -> list[UUID]:
    """Return ended persons whose key still has to be destroyed."""
    return [row["person_id"] for row in connection.execute(_SQL["list_ended"], {"limit": limit}).fetchall()]


def list_expiring(connection: Connection, *, proposal_days: int, limit: int = 100) -> list[UUID]:
    """Return persons whose consent has ended, and proposals older than `proposal_days`."""
    parameters = {"proposal_days": proposal_days, "limit": limit}
    return [row["person_id"] for row in connection.execute(_SQL["list_expiring"], parameters).fetchall()]


def mark_erased(connection: Connection, person_id: UUID) -> bool:
    """refused, revoked or expired -> erased, after the key is destroyed. Return whether the state changed."""
    return connection.execute(_SQL["mark_erased"], {"person_id": person_id}).fetchone() is not None


def propose_renewal(connection: Connection, person_id: UUID, values: Mapping[str, Any]) -> None:
    """Store a new consent that waits for a reviewer."""
    connection.execute(_SQL["propose_renewal"], {"person_id": person_id, **values})


def accept_renewal(connection: Connection, person_id: UUID, values: Mapping[str, Any]) -> None:
    """Put the new consent in force."""
    connection.execute(_SQL["accept_renewal"], {"person_id": person_id, **values})


def refuse_renewal(connection: Connection, person_id: UUID) -> None:
    """Drop the new consent."""
    connection.execute(_SQL["refuse_renewal"], {"person_id": person_id})


def record(
    connection: Connection,
    person_id: UUID,
    event: str,
    *,
    actor: str = "caller",
    caller_id: UUID | None = None,
    photo_id: UUID | None = None,
) -> tuple[UUID, int] | None:
    """Record an event with the person's current revision, never personal data. Return organization and
    revision, or None if the person does not exist."""
    row = connection.execute(
        _SQL["record"],
        {
            "person_id": person_id,
            "event": event,
            "actor": actor,
            "caller_id": caller_id,
            "photo_id": photo_id,
        },
    ).fetchone()
    return (row["organization_id"], row["revision"]) if row else None


def events(connection: Connection, person_id: UUID) -> list[dict[str, Any]]:
    """Return event, actor, caller_id, photo_id, revision, at; oldest first."""
    return connection.execute(_SQL["events"], {"person_id": person_id}).fetchall()


def lock_of_organization(connection: Connection, organization_id: UUID) -> list[UUID]:
    """Lock and return the persons that an organization enrolled and of whom data is stored."""
    rows = connection.execute(_SQL["lock_of_organization"], {"organization_id": organization_id}).fetchall()
    return [row["person_id"] for row in rows]
