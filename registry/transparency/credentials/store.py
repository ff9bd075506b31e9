"""Facts for signed assertions, and their places in the status lists."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from registry.core.database import sql
from registry.core.database.pool import Connection
from registry.transparency.credentials.model.status_list import Purpose

_SQL = sql.load(__name__)


def standing(connection: Connection, entry_id: UUID) -> dict[str, Any]:
    """Return status, tier, owner, bank policy and number of approving reviewers of an existing entry."""
    return connection.execute(_SQL["standing"], {"entry_id": entry_id}).fetchall()[0]


def media(connection: Connection, entry_id: UUID) -> list[dict[str, Any]]:
    """Return asset_id, role and sha256 of the entry's reviewed fakes."""
    return connection.execute(_SQL["media"], {"entry_id": entry_id}).fetchall()


def opening(connection: Connection, entry_id: UUID) -> dict[str, Any] | None:
    """Return the event that made the entry matchable, with its leaf index. None if it is not in the ledger
    yet."""
    return connection.execute(_SQL["opening"], {"entry_id": entry_id}).fetchone()


def place(
    connection: Connection,
    entry_id: UUID,
    tier: str,
    media_: Sequence[UUID],
    content_digest: bytes,
    until: datetime,
) -> int:
    """Return the status number of an assertion. The same content gets the same number.

    `content_digest`: 32 bytes. `until`: end of the credential's validity.
    """
    parameters = {
        "entry_id": entry_id,
        "tier": tier,
        "media": list(media_),
        "said": content_digest,
        "until": until,
    }
    row = connection.execute(_SQL["same_place"], parameters).fetchone()
    if row is None:
        row = connection.execute(_SQL["new_place"], parameters).fetchone()
    assert row is not None  # noqa: S101 - an insert returns its row
    return int(row["status_no"])


def last_place(connection: Connection) -> int | None:
    """Return the highest status number in use. None if there is none."""
    row = connection.execute(_SQL["last_place"]).fetchone()
    return row["last"] if row else None


def fallen(connection: Connection, purpose: Purpose, first: int, end: int) -> list[int]:
    """Return the status numbers from `first` up to but not including `end` that are revoked or suspended."""
    name = "suspended" if purpose == "suspension" else "revoked"
    rows = connection.execute(_SQL[name], {"first": first, "end": end}).fetchall()
    return [row["status_no"] for row in rows]


def delete_expired_places(connection: Connection) -> None:
    """Delete status numbers that are no longer needed."""
    connection.execute(_SQL["delete_expired_places"])
