"""Nobody is left to see what an organization that was closed has said of its entries, so it is erased."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from registry.catalogue.entries.store import details as kept
from registry.core.audit.service import event, record_events
from registry.core.service import Service

_AT_ONCE: Final = 500
_ROUNDS: Final = 4


def erase_closed_details(service: Service, organization_id: UUID) -> int:
    """Destroy whom its entries depict, where they were seen, and the evidence; of how many, `_AT_ONCE` times
    `_ROUNDS` at most. Safe to repeat: keys go first, so that copies in backups are noise wherever this is cut
    off. Raises `Unavailable` (`keys_unavailable`)."""
    erased = 0
    for _ in range(_ROUNDS):
        with service.pool.transaction() as connection:
            found = kept.of_organization(connection, organization_id, _AT_ONCE)
        if not found:
            break
        for _, key_id in found:
            service.keys.destroy(key_id)
        with service.pool.transaction() as connection:
            gone = [entry_id for entry_id, _ in found if kept.erase(connection, entry_id)]
            record_events(
                connection, [event(None, "entry.details_erased", organization_id, one) for one in gone]
            )
        erased += len(gone)
    return erased
