"""A peer, and what proves that it has forked."""

from __future__ import annotations

from typing import Any

from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.sharing.federation.service.list_peers import find_peer, shape
from registry.sharing.federation.store import peers


def show_peer(service: Service, caller: Caller, name: str) -> dict[str, Any]:
    """With its last checkpoint and its `forks`: the two notes of each. Needs `admin`. Raises `NotFound`
    (`unknown_peer`)."""
    caller.require("admin")
    with service.pool.transaction() as connection:
        row = find_peer(connection, caller, name)
        forks = peers.forks(connection, row["exchange_id"])
    return shape(row) | {
        "checkpoint": (row["checkpoint"] or {}).get("note"),
        "forks": [
            {
                "reason": one["reason"],
                "first": one["first_note"],
                "second": one["second_note"],
                "proof": one["proof"],
                "told_by": one["teller"],
                "found_at": one["found_at"].isoformat(),
            }
            for one in forks
        ],
    }
