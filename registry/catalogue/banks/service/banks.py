"""Create, change, find, list and delete banks."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, get_args
from uuid import UUID

from registry.catalogue.banks import model as policies
from registry.catalogue.banks.errors import (
    AmbiguousBank,
    BadKind,
    BadVisibility,
    BankExists,
    BankNotEmpty,
    CourtOrdered,
    NotPublishable,
    UnknownBank,
)
from registry.catalogue.banks.model import BANK
from registry.catalogue.banks.schemas import Bank, BankKind, DeletedBank, ListedBank, ShownBank, Visibility
from registry.catalogue.banks.store import bank_ends, banks
from registry.catalogue.banks.store.banks import BankRef
from registry.catalogue.entries.service.withdrawal import withdraw_entries
from registry.catalogue.entries.store import entries
from registry.catalogue.errors import ForeignBank
from registry.core.audit.service import record_event
from registry.core.database.pool import Connection
from registry.core.errors import BadLabel, Conflict
from registry.core.identifiers import as_id
from registry.core.labels import label
from registry.core.service import Service
from registry.core.subscribers import Event
from registry.identity.callers.model import Caller


def find_bank(connection: Connection, caller: Caller, name: str | UUID | None) -> BankRef | None:
    """Return a bank that answers the caller's lookups, by its name or id. None if no name is given.

    Raises `NotFound` (code `unknown_bank`), `Conflict` (`ambiguous_bank`) if several other organizations have
    a bank of that name and the caller's organization has none.
    """
    if name is None:
        return None
    bank_id = as_id(name)
    if bank_id is not None:
        bank = banks.by_id(connection, caller.organization_id, bank_id)
    else:
        bank = _by_name(connection, caller, str(name))
    if bank is None:
        raise UnknownBank(
            f"There is no bank {str(name)[:100]!r} that this key may use.",
            next_step="List them with GET /v1/banks or `fakeprint admin bank list`.",
        )
    return bank


def _by_name(connection: Connection, caller: Caller, name: str) -> BankRef | None:
    if "\0" in name:
        return None  # PostgreSQL text cannot hold a null character
    banks_found = banks.by_name(connection, caller.organization_id, name)
    if len(banks_found) > 1 and not banks_found[0].own:
        raise AmbiguousBank(f"Several banks that this key may use are named {name[:100]!r}.")
    return banks_found[0] if banks_found else None


def own_bank(connection: Connection, caller: Caller, name: str | None) -> BankRef:
    """Return a bank that the caller may write to. Without a name it is `default`.

    Raises `NotFound` (`unknown_bank`), `Forbidden` (`foreign_bank`).
    """
    try:
        bank = find_bank(connection, caller, name or BANK)
    except Conflict:  # several organizations have a bank of that name, but the caller's has none
        raise UnknownBank(
            f"Your organization has no bank {(name or BANK)[:100]!r}.",
            next_step="Create one: `fakeprint admin bank add NAME`.",
        ) from None
    assert bank is not None  # noqa: S101 - a name was given
    if not bank.own:
        raise ForeignBank(
            f"The bank {bank.name!r} belongs to another organization.",
            next_step="Create a bank of your own: `fakeprint admin bank add NAME`.",
        )
    return bank


def show_bank(service: Service, caller: Caller, name: str) -> ShownBank:
    """Return the bank of that name or id to any key that it answers.

    Only the owner sees counts, limits and shares. `overlay` holds the settings of the caller's organization.

    Raises `NotFound` (`unknown_bank`), `Conflict` (`ambiguous_bank`).
    """
    with service.pool.transaction() as connection:
        bank = find_bank(connection, caller, name)
        assert bank is not None  # noqa: S101 - a name was given
        return shown(connection, caller, bank.bank_id)


def shown(connection: Connection, caller: Caller, bank_id: UUID) -> ShownBank:
    """Return a bank that the caller may see."""
    row = banks.get_bank(connection, caller.organization_id, bank_id)
    hidden = ("overlay",) if row["own"] else ("shares", "entries", "holds", "limits")
    return ShownBank.model_validate(row | {"shared": bool(row["shared"])} | dict.fromkeys(hidden))


def list_banks(service: Service, caller: Caller) -> list[ListedBank]:
    """List the banks that answer the caller, its own first. Other banks come without policy and count."""
    with service.pool.transaction() as connection:
        rows = banks.visible(connection, caller.organization_id)
    hidden = {"policy": None, "entries": None}
    return [ListedBank.model_validate(row if row["own"] else row | hidden) for row in rows]


VISIBILITIES: Final = get_args(Visibility)
KINDS: Final = get_args(BankKind)
_NAME: Final = re.compile(r"[^/]{1,100}\Z")


def create_bank(
    service: Service,
    caller: Caller,
    *,
    name: str,
    visibility: str | None = None,
    policy: Mapping[str, Any] | None = None,
    kind: str = "fakes",
) -> Bank:
    """Create a bank of the caller's organization. Needs `admin`.

    The default visibility is public, or private for a `negative` bank. Raises `BadInput` (`bad_label`,
    `bad_policy`, `bad_visibility`, `bad_kind`), `Conflict` (`bank_exists`).
    """
    caller.require("admin")
    name = bank_name(name)
    if kind not in KINDS:
        raise BadKind(f"`kind` is one of {', '.join(KINDS)}.")
    visibility = visible_to(visibility or ("private" if kind == "negative" else "public"), kind)
    policies.policy(policy or {})
    with service.pool.transaction() as connection:
        row = banks.insert(
            connection,
            organization_id=caller.organization_id,
            name=name,
            kind=kind,
            visibility=visibility,
            policy=policy or {},
        )
        if row is None:
            raise bank_exists(name)
        record_event(
            connection,
            caller,
            "bank.created",
            subject={"bank_id": row["bank_id"]},
            said={"kind": kind, "visibility": visibility, "policy": policies.recorded(policy or {})},
        )
    return Bank.model_validate(row)


def open_default_bank(connection: Connection, organization_id: UUID) -> None:
    """Create the first bank of a new organization: public, named `default`."""
    banks.insert(connection, organization_id=organization_id, name=BANK, visibility="public", policy={})


def bank_name(text: str) -> str:
    """Check a bank's name. Raises `BadInput` (`bad_label`)."""
    name = label(text, "name", longest=100)
    if not _NAME.match(name):
        raise BadLabel("A bank's name must not contain a slash.")
    if as_id(name):
        raise BadLabel("A bank's name must not look like an id.")
    return name


def visible_to(visibility: str, kind: str) -> str:
    """Check that a bank of that kind may have this visibility. Raises `BadInput` (`bad_visibility`)."""
    if visibility not in VISIBILITIES:
        raise BadVisibility("`visibility` is private, shared or public.")
    if kind == "negative" and visibility != "private":
        raise BadVisibility("A negative bank works for its owner only, so it must be private.")
    return visibility


def bank_exists(name: str) -> Conflict:
    """Return the error for a name that is taken."""
    return BankExists(f"Your organization already has a bank named {name!r}.")


@dataclass(frozen=True, slots=True)
class Changed:
    """A bank with its proposed settings."""

    bank_id: UUID
    kind: str
    visibility: str
    policy: Mapping[str, Any]


CHECKS: Final[list[Callable[[Connection, Changed], None]]] = []
"""Checks of other rooms on a changed bank. Each raises `Conflict` for a change that it forbids.
`registry/app/wiring.py` fills the table."""


@dataclass(frozen=True, slots=True)
class Closing:
    """A bank that is being deleted. `key_ids`: keys that followers add, which are destroyed after the
    commit."""

    bank_id: UUID
    key_ids: list[UUID]


bank_closing: Final = Event[Closing]("bank_closing")
"""The bank is being deleted. What fills it ends in the same commit."""
source_tier_changed: Final = Event[UUID]("source_tier_changed")
"""The bank's `source_original_tier` changed. Carries the bank's id."""


def change_bank(
    service: Service,
    caller: Caller,
    name: str,
    policy: Mapping[str, Any] | None = None,
    *,
    visibility: str | None = None,
    new_name: str | None = None,
) -> Bank:
    """Change policy settings, visibility or name of a bank, by name or id. Needs `admin`.

    The bank must belong to the caller's organization. A policy setting of None resets it to its default.
    Lookups follow at once, in every process. Data that `face_retention_days` and `entry_retention_days`
    expire is deleted minutes later, for good.

    Raises `BadInput` (`bad_policy`, `bad_visibility`, `bad_label`), `NotFound` (`unknown_bank`), `Forbidden`
    (`foreign_bank`), `Conflict` (`bank_exists`, `not_publishable`, `unfit_bank` if it holds private intake
    cases).
    """
    caller.require("admin")
    checked_name = None if new_name is None else bank_name(new_name)
    with service.pool.transaction() as connection:
        bank = own_bank(connection, caller, name)
        before = banks.lock(connection, bank.bank_id)
        new_visibility = visible_to(visibility or before["visibility"], before["kind"])
        after = policies.changed_policy(before["policy"], policy or {})
        _check(connection, Changed(bank.bank_id, before["kind"], new_visibility, after))
        name = checked_name or before["name"]
        row = banks.change(connection, bank.bank_id, name=name, visibility=new_visibility, policy=after)
        if row is None:
            raise bank_exists(name)
        setting = "source_original_tier"
        if after.get(setting) != before["policy"].get(setting):
            source_tier_changed(connection, bank.bank_id)
        record_event(
            connection,
            caller,
            "bank.changed",
            subject={"bank_id": bank.bank_id},
            said={
                "renamed": row["name"] != before["name"],
                "visibility": new_visibility,
                "visibility_before": before["visibility"],
                "policy": policies.recorded(after),
            },
        )
    return Bank.model_validate(row)


def _check(connection: Connection, bank: Changed) -> None:
    if bank.policy.get("published") and bank.kind == "negative":
        raise not_publishable("negative")
    for check in CHECKS:
        check(connection, bank)


def not_publishable(why: str) -> Conflict:
    """Return the error for a bank that cannot be published.

    Media of a negative bank would be fakes elsewhere. A bank that an exchange or a peer fills is published by
    its origin.
    """
    return NotPublishable(f"The bank is {why}, and cannot be published.")


def delete_bank(service: Service, caller: Caller, name: str, *, withdraw: bool = False) -> DeletedBank:
    """Delete the bank (of the caller's organization) with its shares, its overlays and the exchange that
    fills it, and free its name. Needs `admin`.

    `withdraw`: withdraw its entries in the same commit, which also settles their disputes. The entries stay
    on record.

    Raises `NotFound` (`unknown_bank`), `Forbidden` (`foreign_bank`), `Conflict` (`bank_not_empty` without
    `withdraw`; `court_ordered` if entries are under a court order, which only another order can end),
    `Unavailable` (`keys_unavailable`).
    """
    caller.require("admin")
    with service.pool.transaction() as connection:
        bank_ends.be_patient(connection)
        bank = own_bank(connection, caller, name)
        closing = Closing(bank.bank_id, [])
        banks.lock(connection, bank.bank_id)
        bank_closing(connection, closing)  # before registrations, as an exchange that is read locks them
        entries.lock_registrations(connection, bank.bank_id)
        entry_ids, ordered = bank_ends.lock_entries(connection, bank.bank_id)
        if ordered:
            raise CourtOrdered(f"{ordered:,} of its entries are under a court order.")
        if entry_ids and not withdraw:
            raise BankNotEmpty(f"The bank holds {len(entry_ids):,} entries.")
        withdraw_entries(connection, caller, dict.fromkeys(entry_ids, caller.organization_id), "bank_closed")
        record_event(
            connection,
            caller,
            "bank.closed",
            subject={"bank_id": bank.bank_id},
            said={"withdrawn": len(entry_ids)},
        )
        banks.close(connection, bank.bank_id)
    for key_id in closing.key_ids:
        service.keys.destroy(key_id)
    return DeletedBank(bank_id=str(bank.bank_id), name=bank.name, withdrawn=len(entry_ids))
