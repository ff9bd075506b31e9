"""Clean-up after an organization is closed. All of it runs in one transaction."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)

CODE: Final = "organization_closed"
MESSAGE: Final = "The organization was closed."


def be_patient(connection: Connection) -> None:
    """Allow statements of this transaction ten minutes."""
    connection.execute(_SQL["patience"])


def late(connection: Connection) -> list[tuple[UUID, str]]:
    """Return organizations closed within the last day, with `keep` or `withdraw`."""
    rows = connection.execute(_SQL["late"]).fetchall()
    return [(row["organization_id"], row["closed_entries"]) for row in rows]


def discard_letters(connection: Connection, organization_id: UUID, caller_id: UUID | None) -> list[UUID]:
    """Settle the open dead letters of its lookups as `discarded` and return their jobs. `caller_id` None: the
    service itself."""
    given = {"organization_id": organization_id, "caller_id": caller_id}
    return [row["job_id"] for row in connection.execute(_SQL["discard_letters"], given).fetchall()]
