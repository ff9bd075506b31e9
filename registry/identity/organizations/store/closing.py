"""Clean-up after an organization is closed. All of it runs in one transaction."""

from __future__ import annotations

from uuid import UUID

from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)


def be_patient(connection: Connection) -> None:
    """Allow statements of this transaction ten minutes."""
    connection.execute(_SQL["patience"])


def closed_lately(connection: Connection) -> list[tuple[UUID, str]]:
    """Return organizations closed within the last day, with `keep` or `withdraw`."""
    rows = connection.execute(_SQL["closed_lately"]).fetchall()
    return [(row["organization_id"], row["closed_entries"]) for row in rows]
