"""Files that are hashed for another system, without a lookup."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)


def queue(connection: Connection, caller_id: UUID, content: str, blob_key: str) -> UUID:
    """Insert a file to be hashed. `content`: photo or video."""
    row = connection.execute(
        _SQL["queue"], {"caller_id": caller_id, "content": content, "blob_key": blob_key}
    ).fetchone()
    assert row is not None  # noqa: S101 - an insert returns its row
    hashing_id: UUID = row["hashing_id"]
    return hashing_id


def show(connection: Connection, caller_id: UUID, hashing_id: UUID) -> dict[str, Any] | None:
    """Return status, signals, error_code and error_message of one of the caller's files."""
    return connection.execute(_SQL["show"], {"hashing_id": hashing_id, "caller_id": caller_id}).fetchone()


def content(connection: Connection, hashing_id: UUID) -> str | None:
    """Return the declared content type of a file. None: the hashing was cancelled."""
    row = connection.execute(_SQL["content"], {"hashing_id": hashing_id}).fetchone()
    return row["content"] if row else None


def done(connection: Connection, hashing_id: UUID, signals: Mapping[str, str]) -> None:
    """Store the hashes by type."""
    connection.execute(_SQL["done"], {"hashing_id": hashing_id, "signals": Jsonb(dict(signals))})


def fail(connection: Connection, hashing_id: UUID, code: str, message: str) -> None:
    """Record that the file cannot be hashed."""
    connection.execute(_SQL["fail"], {"hashing_id": hashing_id, "code": code, "message": message})


def forget(connection: Connection, *, seconds: float) -> int:
    """Delete rows older than `seconds` and return how many."""
    return connection.execute(_SQL["forget"], {"seconds": seconds}).rowcount


def needed_blobs(connection: Connection, keys: Sequence[str], _letter_days: int) -> set[str]:
    """Return those media that wait to be hashed."""
    rows = connection.execute(_SQL["needed_blobs"], {"keys": list(keys)}).fetchall()
    return {row["blob_key"] for row in rows}


def named_blobs(connection: Connection) -> list[str]:
    """Return all media that rows refer to."""
    return [row["blob_key"] for row in connection.execute(_SQL["named_blobs"]).fetchall()]


def forget_blob(connection: Connection, blob_key: str, _letter_days: int) -> None:
    """Remove the reference to a deleted medium from finished rows."""
    connection.execute(_SQL["forget_blob"], {"blob_key": blob_key})


def unneeded_blobs(connection: Connection, _letter_days: int) -> list[str]:
    """Return media of finished rows that should have been deleted."""
    return [row["blob_key"] for row in connection.execute(_SQL["unneeded_blobs"]).fetchall()]
