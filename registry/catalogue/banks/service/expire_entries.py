"""Withdraw entries that their bank keeps no longer."""

from __future__ import annotations

from typing import Final

from registry.catalogue.banks.store import bank_ends
from registry.core.audit.service import event, record_events
from registry.core.service import Service

BATCH: Final = 200
"""Entries in one transaction: their rows are locked meanwhile."""


def expire_entries(service: Service) -> int:
    """Withdraw what is older than `Policy.entry_retention_days`, but for what stands under a court's order or
    in dispute; how many entries. Safe to run at any time and by several at once. Raises `Unavailable`.
    """
    expired = 0
    while True:
        with service.pool.transaction() as connection:
            old = bank_ends.lock_old(connection, limit=BATCH)
            bank_ends.withdraw(connection, [entry_id for entry_id, _ in old])
            said = {"reason_code": "retention"}
            record_events(
                connection,
                [event(None, "entry.withdrawn", owner, entry_id, said=said) for entry_id, owner in old],
            )
        expired += len(old)
        if len(old) < BATCH:
            return expired
