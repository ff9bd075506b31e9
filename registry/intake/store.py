"""Intake cases: their bank, numbers and PINs."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from registry.core.database import sql
from registry.core.database.pool import Connection
from registry.intake.model import CaseFacts, Standing

_SQL = sql.load(__name__)


@dataclass(frozen=True, slots=True)
class NewCase:
    """A case to be inserted. `pin_hash`: of the PIN that the person was shown."""

    entry_id: UUID
    case_number: str
    pin_hash: str
    standing: Standing
    intimate: bool


@dataclass(frozen=True, slots=True, repr=False)
class StoredCase(CaseFacts):
    """A case with its entry. `created_by`: the caller that registered it."""

    case_id: UUID
    entry_id: UUID
    case_number: str
    standing: Standing
    intimate: bool
    opened_at: datetime
    created_by: UUID
    organization_id: UUID
    organization: str
    files: int


@dataclass(frozen=True, slots=True)
class ListedCase(CaseFacts):
    """A case as reviewers see it in a list. `case_number` None: it ended long ago."""

    case_id: UUID
    entry_id: UUID
    case_number: str | None
    standing: Standing
    intimate: bool
    opened_at: datetime
    bank: str
    files: int


@dataclass(frozen=True, slots=True)
class EventsSince:
    """Events since a case was opened: `lookups` that matched; `entries` of other organizations with its
    footage that are visible to everybody, and how many of these are `confirmed`."""

    lookups: int
    last_lookup: datetime | None
    entries: int
    confirmed: int
    last_entry: datetime | None


@dataclass(frozen=True, slots=True)
class EndingCase:
    """A case whose entry was withdrawn by others."""

    case_id: UUID
    entry_id: UUID
    created_by: UUID
    organization_id: UUID


@dataclass(frozen=True, slots=True)
class IntakeBank:
    """The bank for intake cases, and what decides whether it accepts any."""

    bank_id: UUID
    caller_id: UUID
    open: bool
    kind: str
    visibility: str
    policy: dict[str, Any]
    organization_id: UUID
    organization: str
    closed: bool
    revoked: bool


def intake(connection: Connection) -> IntakeBank | None:
    """Return the bank for intake cases, with the data that decides whether it is suitable; None if it was
    never set."""
    row = connection.execute(_SQL["intake"]).fetchone()
    return IntakeBank(**row) if row else None


def set_intake(
    connection: Connection, bank_id: UUID, caller_id: UUID, *, is_open: bool, changed_by: UUID
) -> None:
    """Set the bank for intake cases, and the caller that registers them."""
    parameters = {"bank_id": bank_id, "caller_id": caller_id, "open": is_open, "changed_by": changed_by}
    connection.execute(_SQL["set_intake"], parameters)


def insert(connection: Connection, case: NewCase) -> datetime | None:
    """Insert a case and return its time, or None if the number is taken."""
    row = connection.execute(_SQL["open"], asdict(case)).fetchone()
    return row["opened_at"] if row else None


def opened_lately(connection: Connection) -> int:
    """Return how many cases were opened within the last day."""
    row = connection.execute(_SQL["opened_lately"]).fetchone()
    return int(row["found"]) if row else 0


def pin_hash(connection: Connection, case_number: str) -> str | None:
    """Return the hash of a case's PIN; None for an unknown number."""
    row = connection.execute(_SQL["pin"], {"case_number": case_number}).fetchone()
    return row["pin_hash"] if row else None


def since(connection: Connection, case_id: UUID, *, most: int) -> EventsSince | None:
    """Return the events since a case was opened; None if it no longer exists. At most `most` lookups are
    counted."""
    row = connection.execute(_SQL["since"], {"case_id": case_id, "most": most}).fetchone()
    return EventsSince(**row) if row else None


def by_number(connection: Connection, case_number: str) -> StoredCase | None:
    """Return a case, with the state of its entry."""
    row = connection.execute(_SQL["by_number"], {"case_number": case_number}).fetchone()
    return StoredCase(**row) if row else None


def held(connection: Connection, bank_id: UUID) -> bool:
    """Whether the bank holds cases that have not ended."""
    row = connection.execute(_SQL["held"], {"bank_id": bank_id}).fetchone()
    return bool(row and row["found"])


def page(
    connection: Connection, organization_id: UUID, *, after: tuple[datetime, UUID] | None, limit: int
) -> list[ListedCase]:
    """Return cases of the organization, newest first."""
    at, after_id = after or (None, None)
    parameters = {"organization_id": organization_id, "after_at": at, "after_id": after_id, "limit": limit}
    return [ListedCase(**row) for row in connection.execute(_SQL["page"], parameters)]


def withdraw(connection: Connection, case_id: UUID) -> None:
    """Mark the case as withdrawn by its person."""
    connection.execute(_SQL["withdrawn"], {"case_id": case_id})


def own_media(connection: Connection, entry_id: UUID) -> list[UUID]:
    """Lock the media of a withdrawn case that no other entry uses, and return their ids. First lock its entry
    and the entries that share its media."""
    rows = connection.execute(_SQL["own_media"], {"entry_id": entry_id})
    return [row["asset_id"] for row in rows]


def is_withdrawn(connection: Connection, entry_id: UUID) -> bool:
    """Whether the entry is an intake case that its person has withdrawn."""
    row = connection.execute(_SQL["is_withdrawn"], {"entry_id": entry_id}).fetchone()
    return bool(row and row["found"])


def ending(connection: Connection) -> list[EndingCase]:
    """Return up to 500 cases whose entry was withdrawn by others and that are not marked as ended."""
    return [EndingCase(**row) for row in connection.execute(_SQL["ending"])]


def end(connection: Connection, case_id: UUID) -> None:
    """Mark the case as ended."""
    connection.execute(_SQL["ended"], {"case_id": case_id})


def tidy(connection: Connection, *, days: int) -> int:
    """Delete number and PIN of cases that ended at least `days` ago, and return how many. Restored cases have
    not ended."""
    connection.execute(_SQL["restored"])
    return len(connection.execute(_SQL["forget"], {"days": days}).fetchall())
