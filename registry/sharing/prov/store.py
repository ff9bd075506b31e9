"""What else is on record of an entry."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)

Rows = list[dict[str, Any]]


def reviews(connection: Connection, entry_id: UUID) -> Rows:
    """The decisions on it that stand, oldest first."""
    return connection.execute(_SQL["reviews"], {"entry_id": entry_id}).fetchall()


def disputes(connection: Connection, entry_id: UUID) -> Sequence[dict[str, Any]]:
    """Its disputes, oldest first, without what anybody wrote."""
    return connection.execute(_SQL["disputes"], {"entry_id": entry_id}).fetchall()
