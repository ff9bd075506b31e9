"""Files that are hashed for another system, without a lookup."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from psycopg.types.json import Jsonb

from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)


@dataclass(frozen=True, slots=True)
class Hashing:
    """The result of hashing a file. `signals`: hashes by type."""

    status: str
    signals: dict[str, str] | None
    error_code: str | None
    error_message: str | None


def queue(connection: Connection, caller_id: UUID, content: str, blob_key: str) -> UUID:
    """Insert a file to be hashed. `content`: photo or video."""
    row = connection.execute(
        _SQL["queue"], {"caller_id": caller_id, "content": content, "blob_key": blob_key}
    ).fetchone()
    assert row is not None  # noqa: S101 - an insert returns its row
    hashing_id: UUID = row["hashing_id"]
    return hashing_id


def get(connection: Connection, caller_id: UUID, hashing_id: UUID) -> Hashing | None:
    """Return the result of one of the caller's files."""
    row = connection.execute(_SQL["get"], {"hashing_id": hashing_id, "caller_id": caller_id}).fetchone()
    return Hashing(**row) if row else None


def content(connection: Connection, hashing_id: UUID) -> str | None:
    """Return the declared content type of a file. None: the hashing was cancelled."""
    row = connection.execute(_SQL["content"], {"hashing_id": hashing_id}).fetchone()
    return row["content"] if row else None


def finish(connection: Connection, hashing_id: UUID, signals: Mapping[str, str]) -> None:
    """Store the hashes by type."""
    connection.execute(_SQL["finish"], {"hashing_id": hashing_id, "signals": Jsonb(dict(signals))})


def fail(connection: Connection, hashing_id: UUID, code: str, message: str) -> None:
    """Record that the file cannot be hashed."""
    connection.execute(_SQL["fail"], {"hashing_id": hashing_id, "code": code, "message": message})


def delete_old_hashings(connection: Connection, *, seconds: float) -> int:
    """Delete rows older than `seconds` and return how many."""
    return connection.execute(_SQL["delete_old_hashings"], {"seconds": seconds}).rowcount


def needed_blobs(connection: Connection, keys: Sequence[str], _letter_days: int) -> set[str]:
    """Return those media that wait to be hashed."""
    rows = connection.execute(_SQL["needed_blobs"], {"keys": list(keys)}).fetchall()
    return {row["blob_key"] for row in rows}


def named_blobs(connection: Connection) -> list[str]:
    """Return all media that rows refer to."""
    return [row["blob_key"] for row in connection.execute(_SQL["named_blobs"]).fetchall()]


def clear_blob(connection: Connection, blob_key: str, _letter_days: int) -> None:
    """Remove the reference to a deleted medium from finished rows."""
    connection.execute(_SQL["clear_blob"], {"blob_key": blob_key})


def unneeded_blobs(connection: Connection, _letter_days: int) -> list[str]:
    """Return media of finished rows that should have been deleted."""
    return [row["blob_key"] for row in connection.execute(_SQL["unneeded_blobs"]).fetchall()]
