"""C2PA manifests of media."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from registry.catalogue.provenance.model.provenance import Manifest
from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)


def write(connection: Connection, asset_id: UUID, manifest: Manifest) -> None:
    """Store what was read of a medium, and replace an earlier result."""
    values = {
        "asset_id": asset_id,
        "state": manifest.state,
        "store": manifest.store,
        "store_sha256": bytes.fromhex(manifest.store_sha256) if manifest.store_sha256 else None,
        "store_bytes": manifest.store_bytes,
        "pictures": manifest.pictures,
        "signer": manifest.signer,
        "signed_at": manifest.signed_at,
        "claim_generator": manifest.claim_generator,
        "said": Jsonb(dict(manifest.said)),
        "reader": manifest.reader,
        "declared": manifest.declared,
        "source": manifest.source,
    }
    connection.execute(_SQL["write"], values)


def of_assets(connection: Connection, asset_ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """Return the results by medium. Media that nobody has examined are missing."""
    rows = connection.execute(_SQL["of_assets"], {"asset_ids": list(asset_ids)}).fetchall()
    return {row.pop("asset_id"): row for row in rows}


def manifest_store(connection: Connection, asset_id: UUID) -> bytes | None:
    """Return the manifest store (JUMBF) of a medium, if it is kept."""
    row = connection.execute(_SQL["manifest_store"], {"asset_id": asset_id}).fetchone()
    return bytes(row["store"]) if row and row["store"] is not None else None


def let_pictures_go(connection: Connection, first: UUID, last: UUID) -> int:
    """Delete manifest stores with thumbnails of media that are not kept, in a range of ids. Returns their
    number."""
    return connection.execute(_SQL["let_pictures_go"], {"first": first, "last": last}).rowcount


def of_matches(
    connection: Connection, matches: Sequence[tuple[UUID, UUID]]
) -> dict[tuple[UUID, UUID], dict[str, Any]]:
    """Return, by medium and entry, the provenance that a match shows.

    Columns: state (None: nobody has examined it), signer, declared, and foreign_said: other registries that
    published the entry (origin, entry_id, licence), None if there are none.
    """
    parameters = {"asset_ids": [match[0] for match in matches], "entry_ids": [match[1] for match in matches]}
    rows = connection.execute(_SQL["of_matches"], parameters).fetchall()
    return {(row["asset_id"], row["entry_id"]): row for row in rows}


def missing(connection: Connection, organization_id: UUID, entry_id: UUID) -> set[UUID]:
    """Return the entry's media without a manifest whose footage has a valid manifest elsewhere.

    Only other media that the organization may see are considered.
    """
    parameters = {"organization_id": organization_id, "entry_id": entry_id}
    return {row["asset_id"] for row in connection.execute(_SQL["missing"], parameters).fetchall()}


def fetchable(
    connection: Connection,
    organization_id: UUID,
    *,
    asset_ids: Sequence[UUID] = (),
    label: str | None = None,
) -> dict[UUID, str]:
    """Return the media whose manifest the organization may fetch, with their labels, most trusted first.

    The media are given by id, or by the label of their active manifest.
    """
    parameters = {"organization_id": organization_id, "asset_ids": list(asset_ids), "label": label}
    return {row["asset_id"]: row["label"] for row in connection.execute(_SQL["fetchable"], parameters)}
