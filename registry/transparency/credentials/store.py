"""What is signed of an entry for others."""

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
    """Status, tier, owner, the bank's policy and how many people approve an entry that is there."""
    return connection.execute(_SQL["standing"], {"entry_id": entry_id}).fetchall()[0]


def media(connection: Connection, entry_id: UUID) -> list[dict[str, Any]]:
    """asset_id, role and sha256 of its fakes that were reviewed with it."""
    return connection.execute(_SQL["media"], {"entry_id": entry_id}).fetchall()


def opening(connection: Connection, entry_id: UUID) -> dict[str, Any] | None:
    """The event by which it became matchable, with its place in the ledger; None while it has none."""
    return connection.execute(_SQL["opening"], {"entry_id": entry_id}).fetchone()


def place(
    connection: Connection, entry_id: UUID, tier: str, media_: Sequence[UUID], said: bytes, until: datetime
) -> int:
    """The place in the status lists of what is asserted, the same for the same. `said`: its digest, 32 bytes;
    `until`: when the credential that says it ends."""
    asked = {"entry_id": entry_id, "tier": tier, "media": list(media_), "said": said, "until": until}
    row = connection.execute(_SQL["same_place"], asked).fetchone()
    if row is None:
        row = connection.execute(_SQL["new_place"], asked).fetchone()
    assert row is not None  # noqa: S101 - an insert returns its row
    return int(row["status_no"])


def last_place(connection: Connection) -> int | None:
    """The highest place that was given; None: none was."""
    row = connection.execute(_SQL["last_place"]).fetchone()
    return row["last"] if row else None


def fallen(connection: Connection, purpose: Purpose, first: int, end: int) -> list[int]:
    """Of the places from `first` up to `end`, those that stand no longer, or are suspended."""
    name = "suspended" if purpose == "suspension" else "revoked"
    rows = connection.execute(_SQL[name], {"first": first, "end": end}).fetchall()
    return [row["status_no"] for row in rows]


def forget(connection: Connection) -> None:
    """Let go of places of which nobody asks any more."""
    connection.execute(_SQL["forget"])
