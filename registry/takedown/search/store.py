"""Rows of takedown that a search reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)


@dataclass(frozen=True, slots=True)
class SealedText:
    """The encrypted texts of a campaign or a client. `state`: None for a client."""

    item_id: UUID
    client_id: UUID
    sealed: bytes
    state: str | None


def campaigns(connection: Connection, organization_id: UUID, limit: int) -> list[SealedText]:
    """Return the newest campaigns."""
    return _read(connection, "campaigns", organization_id, limit)


def clients(connection: Connection, organization_id: UUID, limit: int) -> list[SealedText]:
    """Return the newest clients that were not erased."""
    return _read(connection, "clients", organization_id, limit)


def at_addresses(
    connection: Connection, organization_id: UUID, digests: Sequence[bytes], limit: int
) -> list[UUID]:
    """Return notices about one of these places (`notice.place_digest`), the newest first."""
    parameters = {"organization_id": organization_id, "digests": list(digests), "limit": limit}
    return [row["notice_id"] for row in connection.execute(_SQL["at_addresses"], parameters)]


def _read(connection: Connection, name: str, organization_id: UUID, limit: int) -> list[SealedText]:
    rows = connection.execute(_SQL[name], {"organization_id": organization_id, "limit": limit})
    return [SealedText(**row) for row in rows]
