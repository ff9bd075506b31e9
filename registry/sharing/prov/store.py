"""Reviews and disputes of an entry."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)

Rows = list[dict[str, Any]]


def reviews(connection: Connection, entry_id: UUID) -> Rows:
    """Return the entry's reviews in force, oldest first."""
    return connection.execute(_SQL["reviews"], {"entry_id": entry_id}).fetchall()


def disputes(connection: Connection, entry_id: UUID) -> Sequence[dict[str, Any]]:
    """Return the entry's disputes, oldest first, without free text."""
    return connection.execute(_SQL["disputes"], {"entry_id": entry_id}).fetchall()
