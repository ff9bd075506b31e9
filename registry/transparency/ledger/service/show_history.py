"""What happened to an entry, with the proof that it is on record."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from registry.catalogue.entries.service.find_entry import find_entry, hidden_cases
from registry.core.audit.model.ledger import event_leaf
from registry.core.errors import FakeprintError
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.transparency.ledger import store as ledger
from registry.transparency.ledger.service.prove_inclusion import inclusion

MOST: Final = 1000
"""Events of one answer."""


def show_history(service: Service, caller: Caller, entry_id: UUID) -> dict[str, Any]:
    """The events of an entry that the caller's organization may see: all of its own, and of others' entries
    what its callers did. Those that a checkpoint covers have their proof. It outlives the entry. Raises
    `NotFound` (`unknown_entry`) where there is neither an event nor an entry to be seen, and of a private
    case where the caller is no reviewer."""
    hidden = hidden_cases(service, caller, [entry_id])
    with service.pool.transaction() as connection:
        rows = ledger.history(connection, entry_id, caller.organization_id, MOST)
        if not rows or hidden:
            find_entry(connection, caller, entry_id)
        signed = ledger.checkpoint(connection)
        size = signed["size"] if signed else 0
        events = []
        for row in rows:
            index = row["leaf_index"]
            covered = index is not None and index < size
            try:
                proof = inclusion(connection, index, size) if covered else None
            except FakeprintError:
                proof = None  # an altered ledger still shows what it has; verifying tells
            events.append(
                {
                    "index": index,
                    "kind": row["kind"],
                    "at": row["at"].isoformat(),
                    "caller_id": row["caller_id"] and str(row["caller_id"]),
                    "request_id": row["request_id"],
                    "subject": row["subject"],
                    "said": row["said"],
                    "leaf": event_leaf(row).decode(),
                    "proof": None if proof is None else [one.hex() for one in proof],
                }
            )
        keys = [row["verifier_key"] for row in ledger.keys(connection)]
    return {
        "type": "history",
        "entry_id": str(entry_id),
        "origin": service.settings.ledger_origin,
        "keys": keys,
        "checkpoint": signed["note"] if signed else None,
        "events": events,
    }
