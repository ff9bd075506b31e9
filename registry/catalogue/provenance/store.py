"""What media say of their origin by C2PA."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from registry.catalogue.provenance.model.provenance import Manifest
from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)


def write(connection: Connection, asset_id: UUID, found: Manifest) -> None:
    """Keep what was read of a medium, in place of what was read before."""
    values = {
        "asset_id": asset_id,
        "state": found.state,
        "store": found.store,
        "store_sha256": bytes.fromhex(found.store_sha256) if found.store_sha256 else None,
        "store_bytes": found.store_bytes,
        "pictures": found.pictures,
        "signer": found.signer,
        "signed_at": found.signed_at,
        "claim_generator": found.claim_generator,
        "said": Jsonb(dict(found.said)),
        "reader": found.reader,
        "declared": found.declared,
        "source": found.source,
    }
    connection.execute(_SQL["write"], values)


def of_assets(connection: Connection, asset_ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """By medium, what was read; those of which nobody has looked are not there."""
    rows = connection.execute(_SQL["of_assets"], {"asset_ids": list(asset_ids)}).fetchall()
    return {row.pop("asset_id"): row for row in rows}


def store(connection: Connection, asset_id: UUID) -> bytes | None:
    """The manifest store (JUMBF) of a medium, where it is kept."""
    row = connection.execute(_SQL["store"], {"asset_id": asset_id}).fetchone()
    return bytes(row["store"]) if row and row["store"] is not None else None


def let_pictures_go(connection: Connection, first: UUID, last: UUID) -> int:
    """Of media from one id to another that are not kept, forget the stores with small pictures; how many."""
    return connection.execute(_SQL["let_pictures_go"], {"first": first, "last": last}).rowcount


def told(
    connection: Connection, matches: Sequence[tuple[UUID, UUID]]
) -> dict[tuple[UUID, UUID], dict[str, Any]]:
    """By medium and entry, what a match tells: state (None: nobody has looked), signer and declared;
    foreign_said: which other registries say the entry (origin, entry_id, licence), None: none does."""
    asked = {"asset_ids": [match[0] for match in matches], "entry_ids": [match[1] for match in matches]}
    rows = connection.execute(_SQL["told"], asked).fetchall()
    return {(row["asset_id"], row["entry_id"]): row for row in rows}


def missing(connection: Connection, organization_id: UUID, entry_id: UUID) -> set[UUID]:
    """Those of an entry's media that have no manifest, though others with the same footage, as far as the
    organization may see them, have one that holds."""
    asked = {"organization_id": organization_id, "entry_id": entry_id}
    return {row["asset_id"] for row in connection.execute(_SQL["missing"], asked).fetchall()}


def fetchable(
    connection: Connection,
    organization_id: UUID,
    *,
    asset_ids: Sequence[UUID] = (),
    label: str | None = None,
) -> dict[UUID, str]:
    """Of these media, or of those whose active manifest has this label, those whose manifest the organization
    may fetch, the most trusted first, and the labels."""
    asked = {"organization_id": organization_id, "asset_ids": list(asset_ids), "label": label}
    return {row["asset_id"]: row["label"] for row in connection.execute(_SQL["fetchable"], asked)}
