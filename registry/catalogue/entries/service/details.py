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


def save_details(
    service: Service, connection: Connection, caller: Caller, entry_id: UUID, values: Mapping[str, Any]
) -> None:
    """Store the details (`Details.sealed`) and replace the stored ones. Does nothing if `values` is empty.

    Each entry has one key until its details are erased. Call this last in a transaction: if a later step
    fails, the new key is left behind, but it decrypts nothing.

    Raises `Unavailable` (`keys_unavailable`) if the stored details cannot be decrypted now. They would be
    lost.
    """
    if not values:
        return
    stored = kept.of_entry(connection, entry_id)
    key = service.keys.find(stored.key_id) if stored else None
    if stored and key is None and stored.key_id not in service.keys.destroyed():
        raise KeysUnavailable(
            "The present details of the entry cannot be read, because their key is missing.",
            next_step="Restore the folder of FAKEPRINT_KEYS_URL, or erase the entry's details first.",
        )
    with nullcontext(key) if key else service.keys.making(uuid4()) as entry_key:
        sealed = Sealed(entry_key.subject_id, envelope.pack(entry_key, values, PURPOSE))
        kept.replace(connection, entry_id, sealed, caller.caller_id)


def opened(service: Service, connection: Connection, entry_id: UUID, language: str | None) -> Details:
    """Decrypt the details of an entry. Returns empty details if the key was destroyed. Raises
    `Unavailable`."""
    stored = kept.of_entry(connection, entry_id)
    key = service.keys.find(stored.key_id) if stored else None
    values = envelope.unpack(key, stored.sealed, PURPOSE) if stored and key else {}
    return Details.of(language, values)


def depicting(
    service: Service, connection: Connection, entries: Mapping[UUID, bool], sought: str
) -> set[UUID]:
    """Return the entries that depict the wanted person (`catalogue.entries.model.details.depicts`).

    `entries`: maps each entry to whether the reader's organization owns it. For other entries only public
    names count, as in `show_entry`. Entries whose key is gone do not match.

    Raises `Unavailable` (`keys_unavailable`).
    """
    entry_ids = set()
    for entry_id, stored in kept.of_entries(connection, list(entries)).items():
        if key := service.keys.find(stored.key_id):
            shown = Details.of(None, envelope.unpack(key, stored.sealed, PURPOSE)).shown(
                own=entries[entry_id]
            )
            if depicts(shown["depicted"], sought):
                entry_ids.add(entry_id)
    return entry_ids


def erase_details(service: Service, caller: Caller, entry_id: UUID) -> ErasedDetails:
    """Destroy the details (people, places, evidence) of an entry that the caller owns. Needs `register`.

    Safe to repeat. The key is destroyed first. If the call is interrupted after that, the copies in backups,
    WAL and replicas can no longer be decrypted.

    Raises `NotFound` (`unknown_entry`), `Forbidden` (`foreign_bank`), `Unavailable` (`keys_unavailable`).
    """
    caller.require("register")
    with service.pool.transaction() as connection:
        own_entry(connection, caller, entry_id)
        stored = kept.of_entry(connection, entry_id)
    if stored:
        service.keys.destroy(stored.key_id)
    with service.pool.transaction() as connection:
        if kept.erase(connection, entry_id):
            record_event(connection, caller, "entry.details_erased", entry_id=entry_id)
    return ErasedDetails(entry_id=str(entry_id), erased=stored is not None)


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
    sought: str,
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
    matching: list[Row] = []
    last: Row | None = None
    for _ in range(0, MOST_READ, READ_AT_ONCE):
        rows = read(last, READ_AT_ONCE)
        entry_ids = depicting(service, connection, {row["entry_id"]: is_own(row) for row in rows}, sought)
        for last in rows:
            if last["entry_id"] in entry_ids:
                matching.append(last)
                if len(matching) == limit:
                    return matching, last
        if len(rows) < READ_AT_ONCE:
            return matching, None
    return matching, last
