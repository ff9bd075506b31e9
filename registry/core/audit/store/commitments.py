"""Texts to which events have committed: the salt is beside the text, and goes with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from registry.core.audit.model.ledger import Commitment
from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)


def keep_asset(connection: Connection, asset_id: UUID, commitment: Commitment) -> bytes:
    """Tie an asset's events to its file; the commitment that stands, which may be an earlier one."""
    parameters = {"asset_id": asset_id, "salt": commitment.salt, "commitment": commitment.digest}
    row = connection.execute(_SQL["keep_asset"], parameters).fetchone()
    assert row is not None  # noqa: S101 - an upsert returns its row
    digest: bytes = row["commitment"]
    return digest


def keep_fingerprint(connection: Connection, asset_id: UUID, digest: bytes, commitment: Commitment) -> bytes:
    """Tie an asset's events to a fingerprint of that digest; the commitment that stands, as above."""
    parameters = {"salt": commitment.salt, "commitment": commitment.digest}
    row = connection.execute(
        _SQL["keep_fingerprint"], parameters | {"asset_id": asset_id, "digest": digest}
    ).fetchone()
    assert row is not None  # noqa: S101 - an upsert returns its row
    found: bytes = row["commitment"]
    return found


def untold(connection: Connection, asset_id: UUID, commitment: str) -> list[dict[str, Any]]:
    """entry_id, organization_id and recomputed of the asset's entries of which no event says that the asset
    has the fingerprint of that commitment (hex)."""
    parameters = {"asset_id": asset_id, "commitment": commitment}
    return connection.execute(_SQL["untold"], parameters).fetchall()


def fingerprints(connection: Connection, asset_id: UUID) -> list[dict[str, Any]]:
    """digest, salt and commitment of every fingerprint that the asset has had, the newest first."""
    return connection.execute(_SQL["fingerprints"], {"asset_id": asset_id}).fetchall()


def files(connection: Connection, asset_ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """sha256 (hex), salt and commitment by asset, of those that have a file's digest."""
    rows = connection.execute(_SQL["files"], {"asset_ids": list(asset_ids)}).fetchall()
    return {row["asset_id"]: row for row in rows}


def page(connection: Connection, after: tuple[str, str], limit: int) -> list[dict[str, Any]]:
    """source, id, commitment, salt and text, ordered by source and id, after those of a page before."""
    parameters = {"after_source": after[0], "after_id": after[1], "limit": limit}
    return connection.execute(_SQL["page"], parameters).fetchall()
