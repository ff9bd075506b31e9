"""Entries, and which assets belong to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from registry.store import sql
from registry.store.pool import Connection

_SQL = sql.load("entries")


def lock_bank(connection: Connection, bank_id: UUID) -> None:
    """Take turns with other registrations into this bank until the transaction ends."""
    connection.execute(_SQL["lock_bank"], {"bank_id": bank_id})


def insert(
    connection: Connection,
    *,
    bank_id: UUID,
    title: str,
    claim: str | None,
    manipulation: str | None,
    references: Sequence[Mapping[str, Any]],
    unverified: bool,
    created_by: UUID,
) -> UUID:
    """A new entry, pending."""
    row = connection.execute(
        _SQL["insert"],
        {
            "bank_id": bank_id,
            "title": title,
            "claim": claim,
            "manipulation": manipulation,
            "references": Jsonb(list(references)),
            "unverified": unverified,
            "created_by": created_by,
        },
    ).fetchone()
    assert row is not None  # noqa: S101 - an insert returns its row
    entry_id: UUID = row["entry_id"]
    return entry_id


def link(connection: Connection, entry_id: UUID, asset_id: UUID, role: str) -> bool:
    """Add an asset to an entry; True where it was not there in that role."""
    parameters = {"entry_id": entry_id, "asset_id": asset_id, "role": role}
    return connection.execute(_SQL["link"], parameters).fetchone() is not None


def of_fakes(connection: Connection, bank_id: UUID, sha256: Sequence[bytes]) -> UUID | None:
    """The entry of the bank that holds these files as fakes already."""
    row = connection.execute(_SQL["of_fakes"], {"bank_id": bank_id, "sha256": list(sha256)}).fetchone()
    return row["entry_id"] if row else None


def elsewhere(
    connection: Connection, organization_id: UUID, entry_id: UUID, sha256: Sequence[bytes]
) -> list[dict[str, Any]]:
    """Other entries that hold the same files as fakes."""
    return connection.execute(
        _SQL["elsewhere"],
        {"organization_id": organization_id, "entry_id": entry_id, "sha256": list(sha256)},
    ).fetchall()


def lock_of_asset(connection: Connection, asset_id: UUID) -> None:
    """Lock the asset's entries until the transaction ends; call before changing the asset."""
    connection.execute(_SQL["lock_of_asset"], {"asset_id": asset_id})


def verify(connection: Connection, asset_id: UUID) -> None:
    """Lift `unverified` where every medium of the asset's entries was recomputed here."""
    connection.execute(_SQL["verify"], {"asset_id": asset_id})


def settle(connection: Connection, asset_id: UUID) -> int:
    """Open, in this transaction, what the asset was the last to wait for; how many entries opened."""
    row = connection.execute(_SQL["settle"], {"asset_id": asset_id}).fetchone()
    return int(row["entries"]) if row else 0


def fail(connection: Connection, asset_id: UUID, code: str, message: str) -> None:
    """The asset's entries that waited for it have failed."""
    connection.execute(_SQL["fail"], {"asset_id": asset_id, "code": code, "message": message})


def reopen(connection: Connection, entry_id: UUID) -> bool:
    """Put a failed entry back to pending; False where it has not failed."""
    return connection.execute(_SQL["reopen"], {"entry_id": entry_id}).fetchone() is not None


def show(connection: Connection, organization_id: UUID, entry_id: UUID) -> dict[str, Any] | None:
    """One entry that the organization may see."""
    return connection.execute(
        _SQL["show"], {"organization_id": organization_id, "entry_id": entry_id}
    ).fetchone()


def page(
    connection: Connection,
    organization_id: UUID,
    *,
    bank_id: UUID | None,
    status: str | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[dict[str, Any]]:
    """Entries of the organization's own banks, newest first."""
    return connection.execute(
        _SQL["list"],
        {
            "organization_id": organization_id,
            "bank_id": bank_id,
            "status": status,
            "after_at": after[0] if after else None,
            "after_id": after[1] if after else None,
            "limit": limit,
        },
    ).fetchall()
