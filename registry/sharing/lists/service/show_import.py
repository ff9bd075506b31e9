"""Show how far a hash list was taken in."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from registry.core.errors import NotFound
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.sharing.lists.store import imports


def show_import(service: Service, caller: Caller, import_id: UUID) -> dict[str, Any]:
    """One of the organization's. Needs `register`. Raises `NotFound` (`unknown_import`)."""
    caller.require("register")
    with service.pool.transaction() as connection:
        row = imports.show(connection, caller.organization_id, import_id)
    if row is None:
        raise unknown_import()
    return shape(row)


def unknown_import() -> NotFound:
    """The error for an import that is not there, or another organization's."""
    return NotFound("There is no import of that id in your organization.", code="unknown_import")


def shape(row: dict[str, Any]) -> dict[str, Any]:
    """An import's row as answered."""
    counts = ("read", "added", "duplicates", "conflicts", "rejected")
    return {
        "import_id": str(row["import_id"]),
        "bank": row["bank"],
        "name": row["name"],
        "format": row["format"],
        "state": row["state"],
        "bytes": row["bytes"],
        "lines": row["line"],
        "crc32": f"{row['crc32']:08x}",
        **{name: row[name] for name in counts},
        "created_at": row["created_at"].isoformat(),
        "finished_at": row["finished_at"].isoformat() if row["finished_at"] else None,
    }
