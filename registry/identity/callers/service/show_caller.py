"""Show a caller with its keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.callers.service.find_caller import find_caller
from registry.identity.callers.store import api_keys
from registry.identity.quotas.model import Limits


def show_caller(service: Service, caller: Caller, caller_id: UUID) -> dict[str, Any]:
    """A caller of the own organization with all its keys, those that are over too. Needs `admin`.

    Raises `NotFound` (`unknown_caller`).
    """
    caller.require("admin")
    with service.pool.transaction() as connection:
        row = find_caller(connection, caller, caller_id)
        keys = api_keys.of_callers(connection, [caller_id], everything=True)
    return shape(row, keys)


def shape(row: Mapping[str, Any], keys: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """A caller's row as answered."""
    return {
        "caller_id": str(row["caller_id"]),
        "organization_id": str(row["organization_id"]),
        "name": row["name"],
        "roles": sorted(row["roles"]),
        "state": row["state"],
        "created_at": moment(row["created_at"]),
        "expires_at": moment(row["expires_at"]),
        "revoked_at": moment(row["revoked_at"]),
        "limits": Limits(row["rate"], row["daily"], row["monthly"]).shown(),
        "keys": [key_shape(key) for key in keys],
    }


def key_shape(row: Mapping[str, Any]) -> dict[str, Any]:
    """A key's row as answered: never the key itself."""
    return {
        "key_id": str(row["key_id"]),
        "prefix": row["prefix"],
        "state": row["state"],
        "created_at": moment(row["created_at"]),
        "expires_at": moment(row["expires_at"]),
        "revoked_at": moment(row["revoked_at"]),
        "last_used_at": moment(row["last_used_at"]),
    }


def moment(at: datetime | None) -> str | None:
    """A time as answered: ISO 8601, UTC."""
    return None if at is None else at.isoformat()
