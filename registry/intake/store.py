"""Intake cases: their bank, numbers and PINs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)


def intake(connection: Connection) -> dict[str, Any] | None:
    """Return the bank for intake cases, with the data that decides whether it is suitable; None if it was
    never set."""
    return connection.execute(_SQL["intake"]).fetchone()


def set_intake(connection: Connection, **said: Any) -> None:
    """Set the bank: `bank_id`, `caller_id`, `open`, `changed_by`."""
    connection.execute(_SQL["set_intake"], said)


def insert(connection: Connection, case: Mapping[str, Any]) -> dict[str, Any] | None:
    """Insert a case with `entry_id`, `case_number`, `pin_hash`, `standing`, `intimate`. Return its id and
    time, or None if the number is taken."""
    return connection.execute(_SQL["open"], case).fetchone()


def opened_lately(connection: Connection) -> int:
    """Return how many cases were opened within the last day."""
    row = connection.execute(_SQL["opened_lately"]).fetchone()
    return int(row["found"]) if row else 0


def pin_hash(connection: Connection, case_number: str) -> str | None:
    """Return the hash of a case's PIN; None for an unknown number."""
    row = connection.execute(_SQL["pin"], {"case_number": case_number}).fetchone()
    return row["pin_hash"] if row else None


def since(connection: Connection, case_id: UUID, *, most: int) -> dict[str, Any] | None:
    """Return events since the case was opened: `lookups` that matched (counted up to `most`) and
    `last_lookup`; `entries` of other organizations with its footage that are visible to everybody, how many
    of them are `confirmed`, and `last_entry`. None if the case no longer exists."""
    return connection.execute(_SQL["since"], {"case_id": case_id, "most": most}).fetchone()


def by_number(connection: Connection, case_number: str) -> dict[str, Any] | None:
    """Return a case, with the state of its entry."""
    return connection.execute(_SQL["by_number"], {"case_number": case_number}).fetchone()


def held(connection: Connection, bank_id: UUID) -> bool:
    """Whether the bank holds cases that have not ended."""
    row = connection.execute(_SQL["held"], {"bank_id": bank_id}).fetchone()
    return bool(row and row["found"])


def page(
    connection: Connection, organization_id: UUID, *, after: tuple[datetime, UUID] | None, limit: int
) -> list[dict[str, Any]]:
    """Return cases of the organization, newest first."""
    return connection.execute(
        _SQL["page"],
        {
            "organization_id": organization_id,
            "after_at": after[0] if after else None,
            "after_id": after[1] if after else None,
            "limit": limit,
        },
    ).fetchall()


def withdraw(connection: Connection, case_id: UUID) -> None:
    """Mark the case as withdrawn by its person."""
    connection.execute(_SQL["withdrawn"], {"case_id": case_id})


def let_go(connection: Connection, entry_id: UUID) -> None:
    """Release the files of a withdrawn case and their faces, unless another entry uses them. First lock its
    entry and the entries that share its media."""
    connection.execute(_SQL["let_go"], {"entry_id": entry_id})


def is_withdrawn(connection: Connection, entry_id: UUID) -> bool:
    """Whether the entry is an intake case that its person has withdrawn."""
    row = connection.execute(_SQL["is_withdrawn"], {"entry_id": entry_id}).fetchone()
    return bool(row and row["found"])


def ending(connection: Connection) -> list[dict[str, Any]]:
    """Return up to 500 cases whose entry was withdrawn by others and that are not marked as ended."""
    return connection.execute(_SQL["ending"]).fetchall()


def end(connection: Connection, case_id: UUID) -> None:
    """Mark the case as ended."""
    connection.execute(_SQL["ended"], {"case_id": case_id})


def tidy(connection: Connection, *, days: int) -> int:
    """Delete number and PIN of cases that ended at least `days` ago, and return how many. Restored cases have
    not ended."""
    connection.execute(_SQL["restored"])
    return len(connection.execute(_SQL["forget"], {"days": days}).fetchall())
