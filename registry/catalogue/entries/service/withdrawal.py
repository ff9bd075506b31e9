"""Withdraw many entries at once: with their bank or organization, or after their retention."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from registry import jobs
from registry.catalogue.banks.store import bank_ends
from registry.catalogue.entries.service.events import Withdrawal, entries_withdrawn
from registry.catalogue.entries.store import details, entries
from registry.catalogue.media.store import assets
from registry.core.audit.service import event, record_events
from registry.core.database.pool import Connection
from registry.core.service import Service
from registry.identity.callers.model import Caller


def withdraw_entries(
    connection: Connection, caller: Caller | None, owners: Mapping[UUID, UUID], reason_code: str
) -> None:
    """Withdraw locked entries, and fail the jobs of media that no other entry needs.

    They answer no lookup after the commit. `owners`: the organization of each entry. `caller`: None for the
    service.
    """
    if not owners:
        return
    bank_ends.withdraw(connection, list(owners))
    details = {"reason_code": reason_code}
    record_events(
        connection,
        [
            event(caller, "entry.withdrawn", owner, entry_id, said=details)
            for entry_id, owner in owners.items()
        ],
    )
    entries_withdrawn(connection, Withdrawal(caller, owners))


def withdraw_organization(
    connection: Connection, caller: Caller | None, organization_id: UUID, code: str, message: str
) -> int:
    """Withdraw all entries of an organization, and fail its media that wait for a worker, and their jobs.

    `code`, `message`: the error of these media. Returns the number of entries.
    """
    entry_ids = entries.lock_of_organization(connection, organization_id)
    assets.fail_of_organization(connection, organization_id, code, message)
    for task, subject_ids in assets.open_jobs(connection, organization_id).items():
        jobs.fail_all(connection, task, subject_ids, code, message)
    withdraw_entries(connection, caller, dict.fromkeys(entry_ids, organization_id), code)
    return len(entry_ids)


_BATCH: Final = 500
_MOST_BATCHES: Final = 4


def erase_organization_details(service: Service, organization_id: UUID) -> None:
    """Destroy the encrypted details of at most 2,000 entries of a closed organization.

    Safe to repeat. Keys are destroyed first: if the call is interrupted after that, the copies in backups can
    no longer be decrypted. Raises `Unavailable` (`keys_unavailable`).
    """
    for _ in range(_MOST_BATCHES):
        with service.pool.transaction() as connection:
            stored = details.of_organization(connection, organization_id, _BATCH)
        if not stored:
            break
        for _, key_id in stored:
            service.keys.destroy(key_id)
        with service.pool.transaction() as connection:
            erased = [entry_id for entry_id, _ in stored if details.erase(connection, entry_id)]
            record_events(
                connection,
                [event(None, "entry.details_erased", organization_id, entry_id) for entry_id in erased],
            )
