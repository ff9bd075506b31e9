"""Keys of callers. Only the digest is stored, and the first letters for people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from registry.core.database import sql
from registry.core.database.pool import Connection
from registry.identity.callers.model import HashedKey

_SQL = sql.load(__name__)


def insert(
    connection: Connection,
    *,
    caller_id: UUID,
    key: HashedKey,
    expires_at: datetime | None,
) -> dict[str, Any]:
    """Insert a key of a caller."""
    parameters = {
        "caller_id": caller_id,
        "key_sha256": key.sha256,
        "prefix": key.prefix,
        "expires_at": expires_at,
    }
    row = connection.execute(_SQL["insert"], parameters).fetchone()
    assert row is not None  # noqa: S101 - an insert returns its row
    return row


def of_callers(
    connection: Connection, caller_ids: Sequence[UUID], *, everything: bool
) -> list[dict[str, Any]]:
    """Return the callers' keys, oldest first. `everything`: include expired and revoked ones."""
    parameters = {"caller_ids": list(caller_ids), "all": everything}
    return connection.execute(_SQL["of_callers"], parameters).fetchall()


def by_digest(connection: Connection, key_sha256: bytes) -> dict[str, Any] | None:
    """Return the key with this digest. `expires_at` is when the key or its caller expires."""
    return connection.execute(_SQL["by_digest"], {"key_sha256": key_sha256}).fetchone()


def overlap(connection: Connection, caller_id: UUID, *, but: UUID, hours: float) -> list[UUID]:
    """Let the caller's keys except `but` expire after so many hours, or now, and return their ids."""
    parameters = {"caller_id": caller_id, "but": but, "hours": hours}
    return [row["key_id"] for row in connection.execute(_SQL["overlap"], parameters)]


def revoke(connection: Connection, key_id: UUID) -> bool:
    """Revoke one key. False if it was revoked before."""
    return connection.execute(_SQL["revoke"], {"key_id": key_id}).rowcount > 0


def record_use(connection: Connection, digests: Iterable[bytes], *, every: float) -> None:
    """Record that these keys were used, unless recorded within the last `every` seconds."""
    connection.execute(_SQL["record_use"], {"digests": list(digests), "every": every})
