"""Texts that events commit to. Each salt is stored beside its text and is deleted with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from registry.core.audit.model.ledger import Commitment
from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)


def save_file_commitment(connection: Connection, asset_id: UUID, commitment: Commitment) -> bytes:
    """Store the commitment to an asset's file. Return the stored commitment, which may be an earlier one."""
    parameters = {"asset_id": asset_id, "salt": commitment.salt, "commitment": commitment.digest}
    row = connection.execute(_SQL["keep_file_commitment"], parameters).fetchone()
    assert row is not None  # noqa: S101 - an upsert returns its row
    digest: bytes = row["commitment"]
    return digest


def save_fingerprint_commitment(
    connection: Connection, asset_id: UUID, digest: bytes, commitment: Commitment
) -> bytes:
    """Store the commitment to an asset's fingerprint with that digest. Return the stored commitment, which
    may be an earlier one."""
    parameters = {"salt": commitment.salt, "commitment": commitment.digest}
    row = connection.execute(
        _SQL["keep_fingerprint_commitment"], parameters | {"asset_id": asset_id, "digest": digest}
    ).fetchone()
    assert row is not None  # noqa: S101 - an upsert returns its row
    stored: bytes = row["commitment"]
    return stored


def unrecorded_entries(connection: Connection, asset_id: UUID, commitment: str) -> list[dict[str, Any]]:
    """Return entry_id, organization_id and recomputed of the asset's entries that lack an event about the
    fingerprint with this commitment (hex)."""
    parameters = {"asset_id": asset_id, "commitment": commitment}
    return connection.execute(_SQL["unrecorded_entries"], parameters).fetchall()


def fingerprint_commitments(connection: Connection, asset_id: UUID) -> list[dict[str, Any]]:
    """Return digest, salt and commitment of every fingerprint that the asset has had, newest first."""
    return connection.execute(_SQL["fingerprint_commitments"], {"asset_id": asset_id}).fetchall()


def file_commitments(connection: Connection, asset_ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """Return sha256 (hex), salt and commitment by asset, for assets with a file digest."""
    rows = connection.execute(_SQL["file_commitments"], {"asset_ids": list(asset_ids)}).fetchall()
    return {row["asset_id"]: row for row in rows}


def commitments_page(connection: Connection, after: tuple[str, str], limit: int) -> list[dict[str, Any]]:
    """Return source, id, commitment, salt and text, ordered by source and id, after the previous page."""
    parameters = {"after_source": after[0], "after_id": after[1], "limit": limit}
    return connection.execute(_SQL["commitments_page"], parameters).fetchall()
