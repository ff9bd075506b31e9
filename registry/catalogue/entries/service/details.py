"""Details of an entry (people, places, evidence), encrypted with one key an entry."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from typing import Any, Final
from uuid import UUID, uuid4

from registry.catalogue.entries.errors import OwnVariant
from registry.catalogue.entries.model.details import Details, depicts
from registry.catalogue.entries.schemas.entry import ErasedDetails
from registry.catalogue.entries.service.visibility import find_entry, own_entry
from registry.catalogue.entries.store import details as kept
from registry.catalogue.entries.store.details import Sealed
from registry.core.audit.service import record_event
from registry.core.crypto import envelope
from registry.core.database.pool import Connection
from registry.core.errors.crypto import KeysUnavailable
from registry.core.service import Service
from registry.identity.callers.model import Caller

PURPOSE: Final = "details"


def keep_details(
    service: Service, connection: Connection, caller: Caller, entry_id: UUID, said: Mapping[str, Any]
) -> None:
    """Store the details (`Details.sealed`) and replace the stored ones. Does nothing if `said` is empty.

    Each entry has one key until its details are erased. Call this last in a transaction: if a later step
    fails, the new key is left behind, but it decrypts nothing.

    Raises `Unavailable` (`keys_unavailable`) if the stored details cannot be decrypted now. They would be
    lost.
    """
    if not said:
        return
    before = kept.of_entry(connection, entry_id)
    key = service.keys.find(before.key_id) if before else None
    if before and key is None and before.key_id not in service.keys.destroyed():
        raise KeysUnavailable(
            "What was said of the entry before cannot be read: its key is not there.",
            next_step="Bring the folder of FAKEPRINT_KEYS_URL back, or erase the entry's details first.",
        )
    with nullcontext(key) if key else service.keys.making(uuid4()) as held:
        written = Sealed(held.subject_id, envelope.pack(held, said, PURPOSE))
        kept.replace(connection, entry_id, written, caller.caller_id)


def opened(service: Service, connection: Connection, entry_id: UUID, language: str | None) -> Details:
    """Decrypt the details of an entry. Returns empty details if the key was destroyed. Raises
    `Unavailable`."""
    found = kept.of_entry(connection, entry_id)
    key = service.keys.find(found.key_id) if found else None
    said = envelope.unpack(key, found.sealed, PURPOSE) if found and key else {}
    return Details.of(language, said)


def depicting(
    service: Service, connection: Connection, entries: Mapping[UUID, bool], wanted: str
) -> set[UUID]:
    """Return the entries that depict the wanted person (`catalogue.entries.model.details.depicts`).

    `entries`: maps each entry to whether the reader's organization owns it. For other entries only public
    names count, as in `show_entry`. Entries whose key is gone do not match.

    Raises `Unavailable` (`keys_unavailable`).
    """
    found = set()
    for entry_id, one in kept.of_entries(connection, list(entries)).items():
        if key := service.keys.find(one.key_id):
            said = Details.of(None, envelope.unpack(key, one.sealed, PURPOSE)).shown(own=entries[entry_id])
            if depicts(said["depicted"], wanted):
                found.add(entry_id)
    return found


def erase_details(service: Service, caller: Caller, entry_id: UUID) -> ErasedDetails:
    """Destroy the details (people, places, evidence) of an entry that the caller owns. Needs `register`.

    Safe to repeat. The key is destroyed first. If the call is interrupted after that, the copies in backups,
    WAL and replicas can no longer be decrypted.

    Raises `NotFound` (`unknown_entry`), `Forbidden` (`foreign_bank`), `Unavailable` (`keys_unavailable`).
    """
    caller.require("register")
    with service.pool.transaction() as connection:
        own_entry(connection, caller, entry_id)
        found = kept.of_entry(connection, entry_id)
    if found:
        service.keys.destroy(found.key_id)
    with service.pool.transaction() as connection:
        if kept.erase(connection, entry_id):
            record_event(connection, caller, "entry.details_erased", entry_id=entry_id)
    return ErasedDetails(entry_id=str(entry_id), erased=found is not None)


def join_variants(connection: Connection, caller: Caller, entry_id: UUID, variant_of: UUID | None) -> None:
    """Make an entry a variant of the root of `variant_of`. The caller must be allowed to see `variant_of`.

    If `variant_of` is None, the entry leaves its family of variants. Raises `NotFound` (`unknown_entry`),
    `Conflict` (`own_variant`).
    """
    first = None
    if variant_of is not None:
        find_entry(connection, caller, variant_of)
        first = kept.root(connection, variant_of)
        if first == entry_id:
            raise OwnVariant("The entry cannot be a variant of itself, or of one of its own variants.")
    kept.join(connection, entry_id, first)


READ_AT_ONCE: Final = 200
MOST_READ: Final = 2_000
"""Entries decrypted for one page of a search by person. The next page continues after them."""

Row = dict[str, Any]
Read = Callable[[Row | None, int], Sequence[Row]]
"""Return the rows after a given row, at most as many as requested. None: from the start of the page. Each row
has an `entry_id`."""


def sift_depicted(
    service: Service,
    connection: Connection,
    wanted: str,
    read: Read,
    *,
    is_own: Callable[[Row], bool],
    limit: int,
) -> tuple[list[Row], Row | None]:
    """Return the rows whose entries depict the wanted person, and the row after which the next page begins.

    That row is None if there is no next page. A page may be short or empty and still have a next page.
    `is_own`: whether the reader's organization owns the entry, so that all its names count.

    Raises `Unavailable` (`keys_unavailable`).
    """
    kept: list[Row] = []
    last: Row | None = None
    for _ in range(0, MOST_READ, READ_AT_ONCE):
        rows = read(last, READ_AT_ONCE)
        meant = depicting(service, connection, {row["entry_id"]: is_own(row) for row in rows}, wanted)
        for last in rows:
            if last["entry_id"] in meant:
                kept.append(last)
                if len(kept) == limit:
                    return kept, last
        if len(rows) < READ_AT_ONCE:
            return kept, None
    return kept, last
