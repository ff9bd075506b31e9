"""What still has to read lookups before their day is dropped."""

from __future__ import annotations

from datetime import datetime

from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)


def unread_since(connection: Connection) -> datetime | None:
    """Return when the oldest lookup was asked that ledger, webhooks or counts have yet to read."""
    at: datetime | None = connection.execute(_SQL["unread_since"]).fetchall()[0]["at"]
    return at
