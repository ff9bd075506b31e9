"""What is kept for a while only: faces of registered media, by their bank's rule."""

from __future__ import annotations

from uuid import UUID

from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)


def expire_faces(connection: Connection, *, limit: int) -> list[UUID]:
    """Delete the faces of at most `limit` media whose bank keeps them no longer; which media."""
    rows = connection.execute(_SQL["expire_faces"], {"limit": limit}).fetchall()
    return [row["asset_id"] for row in rows]
