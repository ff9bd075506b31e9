"""Which banks answer this caller?"""

from __future__ import annotations

from typing import Any

from registry.actions.service import Service
from registry.domain.caller import Caller
from registry.store import banks


def list_banks(service: Service, caller: Caller) -> list[dict[str, Any]]:
    """The banks that the caller may ask, its own first. Strangers' banks come without policy and count."""
    with service.pool.transaction() as connection:
        rows = banks.visible(connection, caller.organization_id)
    return [
        {
            "bank_id": str(row["bank_id"]),
            "name": row["name"],
            "organization": row["organization"],
            "own": row["own"],
            "visibility": row["visibility"],
            "policy": row["policy"] if row["own"] else None,
            "entries": row["entries"] if row["own"] else None,
            "created_at": row["created_at"].isoformat(),
        }
        for row in rows
    ]
