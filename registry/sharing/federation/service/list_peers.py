"""The peers that an organization reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from registry.core.database.pool import Connection
from registry.core.errors import NotFound
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.sharing.federation.model import feed
from registry.sharing.federation.store import peers


def list_peers(service: Service, caller: Caller) -> list[dict[str, Any]]:
    """The organization's, by name. Needs `admin`."""
    caller.require("admin")
    with service.pool.transaction() as connection:
        return [shape(row) for row in peers.list_of(connection, caller.organization_id)]


def find_peer(connection: Connection, caller: Caller, name: str) -> dict[str, Any]:
    """The organization's peer of that name or id. Raises `NotFound` (`unknown_peer`)."""
    for row in peers.list_of(connection, caller.organization_id):
        if name in {row["name"], str(row["exchange_id"])}:
            return row
    raise NotFound(
        f"There is no peer {name[:100]!r} of your organization.",
        code="unknown_peer",
        next_step="List them with GET /v1/peers or `fakeprint peer list`.",
    )


def shape(row: Mapping[str, Any]) -> dict[str, Any]:
    """A peer's row as answered, without its key."""
    stand = feed.stand(row["checkpoint"])
    options = row["options"]
    error = {"code": row["error_code"], "message": row["error_message"]} if row["error_code"] else None
    return {
        "peer_id": str(row["exchange_id"]),
        "name": row["name"],
        "address": row["address"],
        "origin": options["origin"],
        "keys": options["keys"],
        "feed": options["feed"],
        "tiers": options["tiers"],
        "bank": row["bank"],
        "credentials": row["credentials"] is not None,
        "every": row["every_s"],
        "state": row["state"],
        "pages": stand.page,
        "ledger_index": stand.index if stand.page else None,
        "ledger_size": stand.size,
        "fetching": row["fetching"],
        "next_at": row["next_at"].isoformat(),
        "fetched_at": row["fetched_at"].isoformat() if row["fetched_at"] else None,
        "added": row["added"],
        "withdrawn": row["withdrawn"],
        "rejected": row["rejected"],
        "error": error,
        "created_at": row["created_at"].isoformat(),
    }
