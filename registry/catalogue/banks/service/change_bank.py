"""Change a bank: its name, who sees it, its policy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from registry.catalogue.banks import model as policies
from registry.catalogue.banks.service.create_bank import bank_exists, bank_name, visible_to
from registry.catalogue.banks.service.find_bank import own_bank
from registry.catalogue.banks.service.show_bank import summary
from registry.catalogue.banks.store import banks
from registry.core.audit.service import record_event
from registry.core.database.pool import Connection
from registry.core.errors import Conflict
from registry.core.service import Service
from registry.core.subscribers import Event
from registry.identity.callers.model import Caller


@dataclass(frozen=True, slots=True)
class Changed:
    """A bank as it is to be."""

    bank_id: UUID
    kind: str
    visibility: str
    policy: Mapping[str, Any]


CHECKS: Final[list[Callable[[Connection, Changed], None]]] = []
"""What other rooms ask of a bank: each raises `Conflict` for a change that it forbids. The table is filled in
`registry/app/wiring.py`."""
source_tier_changed: Final = Event("source_tier_changed")
"""Of the bank of that id: which tier originals have that a source has signed."""


def change_bank(
    service: Service,
    caller: Caller,
    name: str,
    policy: Mapping[str, Any] | None = None,
    *,
    visibility: str | None = None,
    new_name: str | None = None,
) -> dict[str, Any]:
    """The bank (of the caller's organization, by name or id) with these settings of its policy changed; None
    takes one back to its default. Needs `admin`.

    Lookups follow at once, wherever they are read. What `face_retention_days` and `entry_retention_days` let
    go is gone minutes later, for good. Raises `BadInput` (`bad_policy`, `bad_visibility`, `bad_label`),
    `NotFound` (`unknown_bank`), `Forbidden` (`foreign_bank`), `Conflict` (`bank_exists`,
    `not_publishable`, `unfit_bank` where it holds private cases).
    """
    caller.require("admin")
    wanted = None if new_name is None else bank_name(new_name)
    with service.pool.transaction() as connection:
        found = own_bank(connection, caller, name)
        before = banks.lock(connection, found.bank_id)
        seen_by = visible_to(visibility or before["visibility"], before["kind"])
        after = policies.changed_policy(before["policy"], policy or {})
        _check(connection, Changed(found.bank_id, before["kind"], seen_by, after))
        row = banks.change(
            connection, found.bank_id, name=wanted or before["name"], visibility=seen_by, policy=after
        )
        if row is None:
            raise bank_exists(wanted or before["name"])
        named = "source_original_tier"
        if after.get(named) != before["policy"].get(named):
            source_tier_changed(connection, found.bank_id)
        record_event(
            connection,
            caller,
            "bank.changed",
            subject={"bank_id": found.bank_id},
            said={
                "renamed": row["name"] != before["name"],
                "visibility": seen_by,
                "visibility_before": before["visibility"],
                "policy": policies.recorded(after),
            },
        )
    return summary(row)


def _check(connection: Connection, bank: Changed) -> None:
    if bank.policy.get("published") and bank.kind == "negative":
        raise not_publishable("negative")
    for check in CHECKS:
        check(connection, bank)


def not_publishable(why: str) -> Conflict:
    """The error for a negative bank, whose media would be fakes elsewhere, and for a bank that an exchange or
    a peer fills, whose origin says what is to be said of it."""
    return Conflict(
        f"The bank is {why}, and cannot be published.",
        code="not_publishable",
        next_step="Publish a bank that holds entries of your own: `fakeprint admin bank add NAME`.",
    )
