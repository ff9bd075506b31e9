"""Texts to which events have committed: the salt is beside the text, and goes with it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from registry.domain.ledger import Commitment
from registry.store import sql
from registry.store.pool import Connection

_SQL = sql.load("openings")


def keep_asset(connection: Connection, asset_id: UUID, commitment: Commitment) -> bytes:
    """Tie an asset's events to its file; the commitment that stands, which may be an earlier one."""
    parameters = {"asset_id": asset_id, "salt": commitment.salt, "commitment": commitment.digest}
    row = connection.execute(_SQL["keep_asset"], parameters).fetchone()
    assert row is not None  # noqa: S101 - an upsert returns its row
    digest: bytes = row["commitment"]
    return digest


def page(connection: Connection, after: tuple[str, str], limit: int) -> list[dict[str, Any]]:
    """source, id, commitment, salt and text, ordered by source and id, after those of a page before."""
    parameters = {"after_source": after[0], "after_id": after[1], "limit": limit}
    return connection.execute(_SQL["page"], parameters).fetchall()
