"""Leaves of the ledger, as far as a caller may read them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from registry.core.audit.model.ledger import event_leaf, lookup_leaf
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.transparency.ledger import store as ledger

MOST: Final = 1000
"""Leaves of one answer."""


def list_leaves(service: Service, caller: Caller, *, start: int, count: int) -> dict[str, Any]:
    """At most `count` leaves from `start` on: those of the caller's organization in full, and what its own
    callers did elsewhere; of the others the hash, which tells nothing of what they say."""
    with service.pool.transaction() as connection:
        size, _ = ledger.sizes(connection)
        rows = ledger.leaves(connection, start, start + min(count, MOST), caller.organization_id)
    return {"size": size, "start": start, "entries": [shape(row) for row in rows]}


def shape(row: Mapping[str, Any]) -> dict[str, Any]:
    """index, hash (hex) and the leaf's text, null where it is not there or not to be seen."""
    return {"index": row["leaf_index"], "hash": row["hash"].hex(), "leaf": text(row)}


def text(row: Mapping[str, Any]) -> str | None:
    """The leaf of a row of `ledger.leaves`, as it was hashed."""
    if row["event_id"] is not None:
        return event_leaf(row).decode()
    if row["lookup"] is not None:
        return lookup_leaf(_lookup(row["lookup"])).decode()
    return None


def _lookup(found: Mapping[str, Any]) -> dict[str, Any]:
    """A row of `ledger_lookup`, as it comes in JSON."""
    query = found["query_commitment"]
    return {
        **found,
        "lookup_id": UUID(found["lookup_id"]),
        "caller_id": UUID(found["caller_id"]),
        "organization_id": UUID(found["organization_id"]),
        "at": datetime.fromisoformat(found["at"]),
        "query_commitment": None if query is None else bytes.fromhex(query.removeprefix("\\x")),
        "answer_commitment": bytes.fromhex(found["answer_commitment"].removeprefix("\\x")),
    }
