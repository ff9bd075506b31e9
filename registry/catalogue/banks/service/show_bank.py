"""A bank, as far as the caller may see it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from registry.catalogue.banks.service.find_bank import find_bank
from registry.catalogue.banks.store import banks
from registry.core.database.pool import Connection
from registry.core.service import Service
from registry.identity.callers.model import Caller


def show_bank(service: Service, caller: Caller, name: str) -> dict[str, Any]:
    """The bank of that name or id. Any key that it answers; counts, limits and shares are its owner's alone,
    `overlay` is what the caller's organization has set for itself.

    Raises `NotFound` (`unknown_bank`), `Conflict` (`ambiguous_bank`).
    """
    with service.pool.transaction() as connection:
        found = find_bank(connection, caller, name)
        assert found is not None  # noqa: S101 - a name was given
        return shown(connection, caller, found.bank_id)


def shown(connection: Connection, caller: Caller, bank_id: Any) -> dict[str, Any]:
    """A bank that the caller sees, as JSON."""
    row = banks.show(connection, caller.organization_id, bank_id)
    own = row["own"]
    return {
        **summary(row),
        "organization": row["organization"],
        "own": own,
        "shared": bool(row["shared"]),
        "overlay": None if own else row["overlay"],
        "shares": row["shares"] if own else None,
        "entries": row["entries"] if own else None,
        "holds": {"entries": row["held"], "media": row["media"], "bytes": row["bytes"]} if own else None,
        "limits": _limits(row) if own else None,
    }


def summary(row: Mapping[str, Any]) -> dict[str, Any]:
    """What a bank is, as JSON."""
    return {
        "bank_id": str(row["bank_id"]),
        "name": row["name"],
        "kind": row["kind"],
        "visibility": row["visibility"],
        "policy": row["policy"],
        "created_at": row["created_at"].isoformat(),
    }


def _limits(row: Mapping[str, Any]) -> dict[str, int | None]:
    return {"entries": row["most_entries"], "media": row["most_media"], "bytes": row["most_bytes"]}
