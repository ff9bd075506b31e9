"""List the hash exchanges that an organization reads."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from registry.core.database.pool import Connection
from registry.core.errors import NotFound
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.sharing.sources import store as exchanges


def list_exchanges(service: Service, caller: Caller) -> list[dict[str, Any]]:
    """The organization's, by name. Needs `admin`."""
    caller.require("admin")
    with service.pool.transaction() as connection:
        return [shape(row) for row in exchanges.list_of(connection, caller.organization_id)]


def find_exchange(connection: Connection, caller: Caller, name: str) -> dict[str, Any]:
    """The organization's exchange of that name or id. Raises `NotFound` (`no_exchange`)."""
    for row in exchanges.list_of(connection, caller.organization_id):
        if name in {row["name"], str(row["exchange_id"])}:
            return row
    raise NotFound(
        f"There is no exchange {name[:100]!r} in your organization.",
        code="no_exchange",
        next_step="List them with GET /v1/exchanges or `fakeprint exchange list`.",
    )


def shape(row: dict[str, Any]) -> dict[str, Any]:
    """An exchange's row as answered, without its credentials."""
    checkpoint = row["checkpoint"] or {}
    reached = checkpoint.get("update_time") or checkpoint.get("get_entries_max_ts")
    error = {"code": row["error_code"], "message": row["error_message"]} if row["error_code"] else None
    return {
        "exchange_id": str(row["exchange_id"]),
        "name": row["name"],
        "kind": row["kind"],
        "bank": row["bank"],
        "address": row["address"],
        "options": row["options"],
        "credentials": row["credentials"] is not None,
        "every": row["every_s"],
        "state": row["state"],
        "progress_at": datetime.fromtimestamp(reached, UTC).isoformat() if reached else None,
        "fetching": row["fetching"],
        "next_at": row["next_at"].isoformat(),
        "fetched_at": row["fetched_at"].isoformat() if row["fetched_at"] else None,
        "added": row["added"],
        "withdrawn": row["withdrawn"],
        "rejected": row["rejected"],
        "error": error,
        "created_at": row["created_at"].isoformat(),
    }
