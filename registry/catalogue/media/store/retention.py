"""Which files are still needed, and which wait for their deletion (`parting_blob`). A file is a blob."""

from __future__ import annotations

from collections.abc import Sequence

from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)


def needed(connection: Connection, keys: Sequence[str]) -> set[str]:
    """Return those of the keys that an asset or a preview names."""
    return {row["blob_key"] for row in connection.execute(_SQL["needed"], {"keys": list(keys)}).fetchall()}


def named(connection: Connection) -> list[str]:
    """Return all keys that assets and previews name."""
    return [row["blob_key"] for row in connection.execute(_SQL["named"]).fetchall()]


def let_failed_go(connection: Connection) -> None:
    """Remove the blob keys of assets that could not be read."""
    connection.execute(_SQL["let_failed_go"])


def list_unnamed(connection: Connection, *, limit: int) -> list[str]:
    """Return blobs that no row names and nobody has deleted yet, at most `limit`, in random order."""
    return [row["blob_key"] for row in connection.execute(_SQL["list_unnamed"], {"limit": limit}).fetchall()]


def delete_note(connection: Connection, blob_key: str) -> bool:
    """Delete the note of a blob. The caller now handles it. False if there was no note."""
    return connection.execute(_SQL["delete_note"], {"blob_key": blob_key}).rowcount > 0
