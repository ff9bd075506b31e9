"""Retention of faces of registered media, by their bank's policy."""

from __future__ import annotations

from uuid import UUID

from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)


def expire_faces(connection: Connection, *, limit: int) -> list[UUID]:
    """Delete faces whose retention is over, of at most `limit` media. Returns those media."""
    rows = connection.execute(_SQL["expire_faces"], {"limit": limit}).fetchall()
    return [row["asset_id"] for row in rows]
