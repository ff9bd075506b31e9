"""Files that are hashed for somebody else's system, and not looked up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)


def queue(connection: Connection, caller_id: UUID, content: str, blob_key: str) -> UUID:
    """A file that waits to be hashed. `content`: photo or video."""
    row = connection.execute(
        _SQL["queue"], {"caller_id": caller_id, "content": content, "blob_key": blob_key}
    ).fetchone()
    assert row is not None  # noqa: S101 - an insert returns its row
    hashing_id: UUID = row["hashing_id"]
    return hashing_id


def show(connection: Connection, caller_id: UUID, hashing_id: UUID) -> dict[str, Any] | None:
    """status, signals, error_code, error_message of one of the caller's."""
    return connection.execute(_SQL["show"], {"hashing_id": hashing_id, "caller_id": caller_id}).fetchone()


def content(connection: Connection, hashing_id: UUID) -> str | None:
    """What the file was said to be; None: nobody waits for it any more."""
    row = connection.execute(_SQL["content"], {"hashing_id": hashing_id}).fetchone()
    return row["content"] if row else None


def done(connection: Connection, hashing_id: UUID, signals: Mapping[str, str]) -> None:
    """Keep its hashes, by type."""
    connection.execute(_SQL["done"], {"hashing_id": hashing_id, "signals": Jsonb(dict(signals))})


def fail(connection: Connection, hashing_id: UUID, code: str, message: str) -> None:
    """It cannot be hashed."""
    connection.execute(_SQL["fail"], {"hashing_id": hashing_id, "code": code, "message": message})


def forget(connection: Connection, *, seconds: float) -> int:
    """Drop those that are older; how many."""
    return connection.execute(_SQL["forget"], {"seconds": seconds}).rowcount


def needed_blobs(connection: Connection, keys: Sequence[str], _letter_days: int) -> set[str]:
    """Those of the media that wait to be hashed."""
    rows = connection.execute(_SQL["needed_blobs"], {"keys": list(keys)}).fetchall()
    return {row["blob_key"] for row in rows}


def named_blobs(connection: Connection) -> list[str]:
    """All media that are named."""
    return [row["blob_key"] for row in connection.execute(_SQL["named_blobs"]).fetchall()]


def forget_blob(connection: Connection, blob_key: str, _letter_days: int) -> None:
    """The media is deleted, as far as files go that were hashed."""
    connection.execute(_SQL["forget_blob"], {"blob_key": blob_key})


def unneeded_blobs(connection: Connection, _letter_days: int) -> list[str]:
    """Media of files that were hashed, and that were to be deleted."""
    return [row["blob_key"] for row in connection.execute(_SQL["unneeded_blobs"]).fetchall()]
