"""Delete faces: those whose retention is over, and those of media that are released."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)


def expire_faces(connection: Connection, *, limit: int) -> list[UUID]:
    """Delete faces whose retention is over, of at most `limit` media. Returns those media."""
    rows = connection.execute(_SQL["expire_faces"], {"limit": limit}).fetchall()
    return [row["asset_id"] for row in rows]


def release(connection: Connection, asset_ids: Sequence[UUID]) -> None:
    """Release the files of these media and delete their faces. Lock the media first."""
    connection.execute(_SQL["release"], {"asset_ids": list(asset_ids)})
