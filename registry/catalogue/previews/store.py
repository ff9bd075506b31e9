"""Previews of media: requested, stored, expired."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)


def find(
    connection: Connection, organization_id: UUID, entry_id: UUID, asset_id: UUID
) -> dict[str, Any] | None:
    """Return the medium if the organization may see previews of it.

    Columns: `role`, `status`, `kind`, `duration` (seconds), `blob_key`, `error_code`, `error_message`,
    `entry_status`, `owner_id`, `own`, `minor`. `minor`: an answer to a notice said that the file may show a
    minor sexually.
    """
    parameters = {"organization_id": organization_id, "entry_id": entry_id, "asset_id": asset_id}
    return connection.execute(_SQL["find"], parameters).fetchone()


def lock(connection: Connection, asset_id: UUID) -> str | None:
    """Lock the medium until the transaction ends. Returns its blob key, if it is kept."""
    row = connection.execute(_SQL["lock"], {"asset_id": asset_id}).fetchone()
    return row["blob_key"] if row else None


def request(
    connection: Connection, asset_id: UUID, instants: Sequence[int], caller_id: UUID, *, again: float
) -> dict[int, dict[str, Any]]:
    """Request pictures at these instants (ms). Returns `blob_key` and `error_code` of each; both are null
    while it waits.

    Pictures that failed more than `again` seconds ago are requested anew. Lock the medium first.
    """
    parameters = {
        "asset_id": asset_id,
        "instants": sorted(set(instants)),
        "caller_id": caller_id,
        "again": again,
    }
    return {row["at_ms"]: row for row in connection.execute(_SQL["request"], parameters).fetchall()}


def list_pictures(
    connection: Connection, asset_id: UUID, instants: Sequence[int]
) -> dict[int, dict[str, Any]]:
    """Return the rows of these instants, as `request` does. Instants that nobody requested are missing."""
    parameters = {"asset_id": asset_id, "instants": list(instants)}
    return {row["at_ms"]: row for row in connection.execute(_SQL["list_pictures"], parameters).fetchall()}


def waiting_for(connection: Connection, caller_id: UUID, *, most: int) -> int:
    """Return the number of pictures that a caller waits for, counted up to `most`."""
    row = connection.execute(_SQL["waiting_for"], {"caller_id": caller_id, "most": most}).fetchone()
    return int(row["waiting"]) if row else 0


def waiting(connection: Connection, asset_id: UUID) -> list[int]:
    """Return the instants (ms) of a medium that wait for a worker, ascending."""
    rows = connection.execute(_SQL["waiting"], {"asset_id": asset_id}).fetchall()
    return [row["at_ms"] for row in rows]


def mark_made(connection: Connection, asset_id: UUID, at_ms: int, blob_key: str) -> bool:
    """Record a finished picture. False if it is no longer wanted."""
    parameters = {"asset_id": asset_id, "at_ms": at_ms, "blob_key": blob_key}
    return connection.execute(_SQL["mark_made"], parameters).fetchone() is not None


def fail(connection: Connection, asset_id: UUID, code: str, *, at_ms: int | None = None) -> None:
    """Record that one picture, or all that wait, failed."""
    connection.execute(_SQL["fail"], {"asset_id": asset_id, "code": code, "at_ms": at_ms})


def forget(connection: Connection, asset_id: UUID, at_ms: int, blob_key: str) -> None:
    """Forget the blob of a picture because it is gone."""
    connection.execute(_SQL["forget"], {"asset_id": asset_id, "at_ms": at_ms, "blob_key": blob_key})


def lookups_wait(connection: Connection) -> bool:
    """Return whether a file of a lookup waits for a worker."""
    row = connection.execute(_SQL["lookups_wait"]).fetchone()
    return bool(row and row["wait"])


def expire(connection: Connection, *, kept: float, most: int, keep_media: bool, limit: int) -> list[str]:
    """Delete at most `limit` expired pictures. Returns their blob keys.

    `kept`: seconds after the last request. `most`: pictures of one medium. `keep_media`: False deletes all.
    """
    parameters = {"kept": kept, "most": most, "keep_media": keep_media, "limit": limit}
    rows = connection.execute(_SQL["expire"], parameters).fetchall()
    return [row["blob_key"] for row in rows if row["blob_key"] is not None]
