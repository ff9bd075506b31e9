"""With whom a bank is shared."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from registry.catalogue.banks.service.find_bank import own_bank
from registry.catalogue.banks.store import banks
from registry.core.database.pool import Connection
from registry.core.service import Service
from registry.identity.callers.model import Caller


def list_shares(service: Service, caller: Caller, name: str) -> dict[str, Any]:
    """The organizations that a bank of the caller's own is shared with, since when and by whom; they see it
    while its `visibility` is shared or public. Needs `admin`.

    Raises `NotFound` (`unknown_bank`), `Forbidden` (`foreign_bank`).
    """
    caller.require("admin")
    with service.pool.transaction() as connection:
        return shares_of(connection, own_bank(connection, caller, name).bank_id)


def shares_of(connection: Connection, bank_id: UUID) -> dict[str, Any]:
    """A bank's shares, as JSON."""
    bank = banks.lock(connection, bank_id)
    return {
        "bank_id": str(bank_id),
        "name": bank["name"],
        "visibility": bank["visibility"],
        "shares": [
            {
                "organization_id": str(row["organization_id"]),
                "organization": row["organization"],
                "shared_at": row["shared_at"].isoformat(),
                "shared_by": str(row["shared_by"]),
                "overlaid": row["overlaid"],
            }
            for row in banks.shares(connection, bank_id)
        ],
    }
