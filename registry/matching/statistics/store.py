"""Stored counts of lookups."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from registry.core.database import sql
from registry.core.database.pool import Connection
from registry.core.weeks import WeekValue

_SQL = sql.load(__name__)


def count_next(connection: Connection, limit: int) -> int:
    """Count the next answered lookups, at most `limit`, and return their number. 0 while another process
    counts."""
    connection.execute(_SQL["reset"])
    place = connection.execute(_SQL["lock"]).fetchone()
    if place is None:
        return 0
    row = connection.execute(_SQL["count"], {**place, "limit": limit}).fetchone()
    return int(row["count"]) if row else 0


def weeks(connection: Connection, organization_id: UUID, since: date) -> list[WeekValue]:
    """Return the organization's lookups by week and verdict."""
    parameters = {"organization_id": organization_id, "since": since}
    return [WeekValue(**row) for row in connection.execute(_SQL["weeks"], parameters)]
