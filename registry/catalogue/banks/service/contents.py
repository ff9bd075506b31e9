"""The contents of a bank: its entries, its limits and its retention."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from registry.catalogue.banks.errors import BankFull, NotListed, UnknownBank
from registry.catalogue.banks.model import policy
from registry.catalogue.banks.schemas import BankLimits, LimitedBank
from registry.catalogue.banks.service.banks import find_bank
from registry.catalogue.banks.store import bank_ends, banks
from registry.catalogue.entries.schemas.registration import EntryPage
from registry.catalogue.entries.service.entries import paged
from registry.catalogue.entries.service.withdrawal import withdraw_entries
from registry.catalogue.entries.store import entries
from registry.catalogue.entries.store.entries import EntryQuery
from registry.catalogue.media.store import face_retention
from registry.core import cursor
from registry.core.audit.service import record_event
from registry.core.database.pool import Connection
from registry.core.errors import NotFound
from registry.core.identifiers import as_id
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.organizations.service.operator import require_operator
from registry.identity.quotas.errors import BadLimits


def list_bank_entries(
    service: Service,
    caller: Caller,
    name: str,
    *,
    status: str | None = None,
    limit: int = 50,
    after: str | None = None,
) -> EntryPage:
    """List the bank's entries, newest first. `next` continues after this page.

    Of another organization's bank only matchable entries are listed. That bank must be shared with the
    caller's organization by name, and its policy must allow `subscribers_list`. Needs `register`, `review` or
    `admin`: a caller who may only look up cannot list entries.

    Raises `Forbidden` (also `not_listed`), `NotFound` (`unknown_bank`), `Conflict` (`ambiguous_bank`),
    `BadInput` (`bad_cursor`).
    """
    caller.require_any("register", "review", "admin")
    with service.pool.transaction() as connection:
        bank = find_bank(connection, caller, name)
        assert bank is not None  # noqa: S101 - a name was given
        if not bank.own:
            row = banks.get_bank(connection, caller.organization_id, bank.bank_id)
            if not (row["shared"] and policy(row["policy"]).subscribers_list):
                raise NotListed(
                    "The bank answers lookups, but its entries are not listed for other organizations."
                )
        query = EntryQuery(cases=caller.sees_cases, bank_id=bank.bank_id, status=status, listed=not bank.own)
        position = cursor.place(after) if after else None
        rows = entries.page(connection, caller.organization_id, query, after=position, limit=limit + 1)
    return paged(rows, limit)


LIMITS = ("entries", "media", "bytes")


def limit_bank(service: Service, caller: Caller, name: str, limits: Mapping[str, int | None]) -> LimitedBank:
    """Set the limits of any bank: `entries`, `media` and `bytes`, null for no limit. For the operator only.

    The bank is given by its id, or by a name that the caller can use. Contents above a new limit stay, but no
    more is accepted.

    Raises `Forbidden` (`not_operator`), `NotFound` (`unknown_bank`), `BadInput` (`bad_limits`).
    """
    new_limits = {limit: limits.get(limit) for limit in LIMITS}
    if any(number is not None and not 0 <= number < 2**53 for number in new_limits.values()):
        raise BadLimits("A bank's limits are numbers from 0, or null.")
    with service.pool.transaction() as connection:
        require_operator(connection, caller)
        bank_id = _any_bank(connection, caller, name)
        owner = banks.limit(
            connection,
            bank_id,
            entries=new_limits["entries"],
            media=new_limits["media"],
            most_bytes=new_limits["bytes"],
        )
        if owner is None:
            raise _unknown(name)
        record_event(
            connection,
            caller,
            "bank.limited",
            organization_id=owner,
            subject={"bank_id": bank_id},
            said=new_limits,
        )
    return LimitedBank(bank_id=str(bank_id), limits=BankLimits(**new_limits))


def _any_bank(connection: Connection, caller: Caller, name: str) -> UUID:
    bank_id = as_id(name)
    if bank_id is not None:
        return bank_id
    bank = find_bank(connection, caller, name)
    assert bank is not None  # noqa: S101 - a name was given
    return bank.bank_id


def _unknown(name: str) -> NotFound:
    return UnknownBank(f"There is no bank {name[:100]!r}.")


_LIMITS: Final = {"entries": "most_entries", "media": "most_media", "bytes": "most_bytes"}


def require_room(connection: Connection, bank_id: UUID, *, grew: bool) -> None:
    """Check the bank's limits after the transaction has added something (`grew`). An error rolls it back.

    Raises `Conflict` (`bank_full`) if it grew beyond a limit, `NotFound` (`unknown_bank`) if it was deleted
    meanwhile, whether it grew or not.

    Hold `entries.lock_registrations`, so that nobody else adds at the same time.
    """
    row = banks.room(connection, bank_id)
    if row["closed"]:
        raise UnknownBank("The bank was deleted.")
    for unit, limit in _LIMITS.items():
        if grew and row[limit] is not None and row[unit] > row[limit]:
            raise BankFull(
                f"The bank may hold {row[limit]:,} {unit}, and would hold {row[unit]:,}.",
                next_step="Withdraw entries, or ask the operator of the deployment for a higher limit.",
            )


BATCH: Final = 200
"""Entries, or media whose faces are deleted, in one transaction. Their rows are locked meanwhile."""


def expire_entries(service: Service) -> int:
    """Withdraw entries older than `Policy.entry_retention_days`. Returns their number.

    Entries under a court order or in dispute stay. Safe to run at any time and concurrently. Raises
    `Unavailable`.
    """
    expired = 0
    while True:
        with service.pool.transaction() as connection:
            entries_over = bank_ends.lock_old(connection, limit=BATCH)
            withdraw_entries(connection, None, dict(entries_over), "retention")
        expired += len(entries_over)
        if len(entries_over) < BATCH:
            return expired


def expire_faces(service: Service) -> int:
    """Delete faces older than `Policy.face_retention_days`. Returns the number of media concerned.

    Safe to run at any time and concurrently. Raises `Unavailable`.
    """
    expired = 0
    while True:
        with service.pool.transaction() as connection:
            count = len(face_retention.expire_faces(connection, limit=BATCH))
        expired += count
        if count < BATCH:
            return expired
