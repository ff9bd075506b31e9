"""Which banks answer this caller?"""

from __future__ import annotations

from typing import Any

from registry.catalogue.banks.service.show_bank import summary
from registry.catalogue.banks.store import banks
from registry.core.service import Service
from registry.identity.callers.model import Caller


def list_banks(service: Service, caller: Caller) -> list[dict[str, Any]]:
    """The banks that the caller may ask, its own first. Strangers' banks come without policy and count."""
    with service.pool.transaction() as connection:
        rows = banks.visible(connection, caller.organization_id)
    return [
        {
            **summary(row),
            "policy": row["policy"] if row["own"] else None,
            "organization": row["organization"],
            "own": row["own"],
            "entries": row["entries"] if row["own"] else None,
        }
        for row in rows
    ]
