"""What a fact-checker says of an entry: people, places, evidence; encrypted with a key of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from typing import Any, Final
from uuid import UUID, uuid4

from registry.catalogue.entries.model.details import Details, depicts
from registry.catalogue.entries.service.visibility import find_entry, own_entry
from registry.catalogue.entries.store import details as kept
from registry.catalogue.entries.store.details import Sealed
from registry.core.audit.service import record_event
from registry.core.crypto import envelope
from registry.core.database.pool import Connection
from registry.core.errors import Conflict, Unavailable
from registry.core.service import Service
from registry.identity.callers.model import Caller

PURPOSE: Final = "details"


def keep_details(
    service: Service, connection: Connection, caller: Caller, entry_id: UUID, said: Mapping[str, Any]
) -> None:
    """Keep what is said of an entry (`Details.sealed`), in place of what was; nothing said leaves it as it
    is.

    One key an entry, until it is erased. Last of a transaction: what comes after it and fails leaves a key
    that opens nothing. Raises `Unavailable` (`keys_unavailable`) where what was said cannot be read now, and
    would be lost.
    """
    if not said:
        return
    before = kept.of_entry(connection, entry_id)
    key = service.keys.find(before.key_id) if before else None
    if before and key is None and before.key_id not in service.keys.destroyed():
        raise Unavailable(
            "What was said of the entry before cannot be read: its key is not there.",
            code="keys_unavailable",
            next_step="Bring the folder of FAKEPRINT_KEYS_URL back, or erase the entry's details first.",
        )
    with nullcontext(key) if key else service.keys.making(uuid4()) as held:
        written = Sealed(held.subject_id, envelope.pack(held, said, PURPOSE))
        kept.say(connection, entry_id, written, caller.caller_id)


def opened(service: Service, connection: Connection, entry: Mapping[str, Any]) -> Details:
    """What is said of an entry's row. A key that is gone leaves nothing to show. Raises `Unavailable`."""
    found = kept.of_entry(connection, entry["entry_id"])
    key = service.keys.find(found.key_id) if found else None
    said = envelope.unpack(key, found.sealed, PURPOSE) if found and key else {}
    return Details.of(entry["language"], said)


def depicting(
    service: Service, connection: Connection, entries: Mapping[UUID, bool], wanted: str
) -> set[UUID]:
    """Which of these entries say that they depict somebody who is meant
    (`catalogue.entries.model.details.depicts`).
    `entries`: whether each is the reader's own; of another's only names that are public count, as
    `show_entry` shows them. What cannot be read for want of its key says nothing. Raises `Unavailable`
    (`keys_unavailable`)."""
    found = set()
    for entry_id, one in kept.of_entries(connection, list(entries)).items():
        if key := service.keys.find(one.key_id):
            said = Details.of(None, envelope.unpack(key, one.sealed, PURPOSE)).shown(own=entries[entry_id])
            if depicts(said["depicted"], wanted):
                found.add(entry_id)
    return found


def erase_details(service: Service, caller: Caller, entry_id: UUID) -> dict[str, Any]:
    """Destroy what is said of an entry of the caller's own: people, places, evidence. Needs `register`.
    Safe to repeat. The key goes first, so that copies in backups, log and replicas are noise wherever this
    is cut off.

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
    return {"entry_id": str(entry_id), "erased": found is not None}


def join_variants(connection: Connection, caller: Caller, entry_id: UUID, variant_of: UUID | None) -> None:
    """Make an entry a variant of another that the caller may see, and of what that one is a variant of.

    Raises `NotFound` (`unknown_entry`), `Conflict` (`own_variant`).
    """
    first = None
    if variant_of is not None:
        find_entry(connection, caller, variant_of)
        first = kept.root(connection, variant_of)
        if first == entry_id:
            raise Conflict(
                "The entry cannot be a variant of itself, or of one of its own variants.",
                code="own_variant",
                next_step="Take the other one out first: `fakeprint entries change ID --alone`.",
            )
    kept.join(connection, entry_id, first)


READ_AT_ONCE: Final = 200
MOST_READ: Final = 2_000
"""Entries whose people are read for one page of those that depict somebody; the next page goes on."""

Row = dict[str, Any]
Read = Callable[[Row | None, int], Sequence[Row]]
"""The rows after one (None: from where the page begins), so many at most. Each has an `entry_id`."""


def sift_depicted(
    service: Service,
    connection: Connection,
    wanted: str,
    read: Read,
    *,
    is_own: Callable[[Row], bool],
    limit: int,
) -> tuple[list[Row], Row | None]:
    """The rows whose entries depict somebody who is meant, and the row after which the next page begins; None
    where there is none. A page may be short, or empty, and have a next. `is_own`: whether the entry is the
    reader's, all of whose names count. Raises `Unavailable` (`keys_unavailable`)."""
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
