"""Notices whose place had been cleared, and that are found again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from registry.store import sql
from registry.store.pool import Connection

_SQL = sql.load("notice_returns")


def removed(
    connection: Connection, campaign_id: UUID, platform: str, entry_ids: Sequence[UUID]
) -> list[dict[str, Any]]:
    """Notices of a campaign at a platform about these entries that it had removed, the latest first."""
    parameters = {"campaign_id": campaign_id, "platform": platform, "entry_ids": list(entry_ids)}
    return connection.execute(_SQL["removed"], parameters).fetchall()


def at_place(connection: Connection, campaign_id: UUID, digest: bytes) -> list[dict[str, Any]]:
    """The campaign's notices of a place."""
    parameters = {"campaign_id": campaign_id, "digest": digest}
    return connection.execute(_SQL["at_place"], parameters).fetchall()
