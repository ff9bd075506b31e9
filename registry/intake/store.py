"""Private cases: who takes them, and the number and the PIN of each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)


def intake(connection: Connection) -> dict[str, Any] | None:
    """Which bank takes them, with what says whether it may; None where nobody ever said so."""
    return connection.execute(_SQL["intake"]).fetchone()


def set_intake(connection: Connection, **said: Any) -> None:
    """This is so from now on: `bank_id`, `caller_id`, `open`, `changed_by`."""
    connection.execute(_SQL["set_intake"], said)


def insert(connection: Connection, case: Mapping[str, Any]) -> dict[str, Any] | None:
    """A new case of `entry_id`, `case_number`, `pin_hash`, `standing`, `intimate`: its id and time. None
    where the number is taken."""
    return connection.execute(_SQL["open"], case).fetchone()


def opened_lately(connection: Connection) -> int:
    """How many came within a day."""
    row = connection.execute(_SQL["opened_lately"]).fetchone()
    return int(row["found"]) if row else 0


def pin_hash(connection: Connection, case_number: str) -> str | None:
    """What is kept of the number's PIN; None for a number that is nobody's."""
    row = connection.execute(_SQL["pin"], {"case_number": case_number}).fetchone()
    return row["pin_hash"] if row else None


def since(connection: Connection, case_id: UUID, *, most: int) -> dict[str, Any] | None:
    """What became known of a case since it was opened: `lookups` that met it (counted up to `most`) and
    `last_lookup`; `entries` that other organizations registered with its footage where everybody sees them,
    how many of them `confirmed`, and `last_entry`. None where there is no such case any more."""
    return connection.execute(_SQL["since"], {"case_id": case_id, "most": most}).fetchone()


def by_number(connection: Connection, case_number: str) -> dict[str, Any] | None:
    """A case, with what its entry has become."""
    return connection.execute(_SQL["by_number"], {"case_number": case_number}).fetchone()


def held(connection: Connection, bank_id: UUID) -> bool:
    """Whether the bank holds cases that have not ended."""
    row = connection.execute(_SQL["held"], {"bank_id": bank_id}).fetchone()
    return bool(row and row["found"])


def page(
    connection: Connection, organization_id: UUID, *, after: tuple[datetime, UUID] | None, limit: int
) -> list[dict[str, Any]]:
    """Cases of the organization, newest first."""
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
    """Whoever opened it has withdrawn it."""
    connection.execute(_SQL["withdrawn"], {"case_id": case_id})


def let_go(connection: Connection, entry_id: UUID) -> None:
    """Let the files of a withdrawn case go, and the faces in them, unless another entry holds them. Lock its
    entry and those that share its media first."""
    connection.execute(_SQL["let_go"], {"entry_id": entry_id})


def is_withdrawn(connection: Connection, entry_id: UUID) -> bool:
    """Whether the entry is a private case that the person has withdrawn."""
    row = connection.execute(_SQL["is_withdrawn"], {"entry_id": entry_id}).fetchone()
    return bool(row and row["found"])


def ending(connection: Connection) -> list[dict[str, Any]]:
    """Cases whose entry others have withdrawn, and of which nobody has taken note: 500 at most."""
    return connection.execute(_SQL["ending"]).fetchall()


def end(connection: Connection, case_id: UUID) -> None:
    """It has ended now."""
    connection.execute(_SQL["ended"], {"case_id": case_id})


def tidy(connection: Connection, *, days: int) -> int:
    """Forget number and PIN of those that ended so long ago; how many. Those that were restored have not
    ended."""
    connection.execute(_SQL["restored"])
    return len(connection.execute(_SQL["forget"], {"days": days}).fetchall())
