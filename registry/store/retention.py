"""What is kept for a while only: faces of registered media, by their bank's rule."""

from __future__ import annotations

from uuid import UUID

from registry.store import sql
from registry.store.pool import Connection

_SQL = sql.load("retention")


def expire_faces(connection: Connection, *, limit: int) -> list[UUID]:
    """Delete the faces of at most `limit` media whose bank keeps them no longer; which media."""
    rows = connection.execute(_SQL["expire_faces"], {"limit": limit}).fetchall()
    return [row["asset_id"] for row in rows]
