"""Which media of entries were searched for entries with the same footage."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from registry.catalogue.media.model import Role
from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)


def mark_related(
    connection: Connection,
    medium: tuple[UUID, UUID, Role],
    *,
    model: str,
    fingerprinted_at: datetime,
) -> None:
    """Record that the rules `model` searched the relatives of a medium (entry, asset, role).

    Does nothing if its fingerprint changed after `fingerprinted_at`.
    """
    entry_id, asset_id, role = medium
    parameters = {"entry_id": entry_id, "asset_id": asset_id, "role": role, "model": model}
    connection.execute(_SQL["mark_related"], parameters | {"fingerprinted_at": fingerprinted_at})


def outdate_relatives(connection: Connection, *, model: str, most: int) -> int:
    """Requeue the search for related entries where other rules produced the result. Returns the number of
    media, at most `most`."""
    return len(connection.execute(_SQL["outdate"], {"model": model, "most": most}).fetchall())


def ask_for_relatives(
    connection: Connection, organization_id: UUID, entry_ids: Sequence[UUID] | None
) -> list[UUID]:
    """Requeue the search for related entries and return the entries that can be searched.

    `entry_ids`: None means all entries of the organization.
    """
    parameters = {
        "organization_id": organization_id,
        "entry_ids": None if entry_ids is None else list(entry_ids),
    }
    rows = connection.execute(_SQL["ask_again"], parameters).fetchall()
    return sorted({row["entry_id"] for row in rows})


def ask_for_relatives_of(connection: Connection, asset_id: UUID) -> None:
    """Requeue the search for related entries after the asset's fingerprint changed. Lock its entries
    first."""
    connection.execute(_SQL["ask_again_of_asset"], {"asset_id": asset_id})
