"""Change a bank: its name, who sees it, its policy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from registry.catalogue.banks import model as policies
from registry.catalogue.banks.service.create_bank import bank_exists, bank_name, visible_to
from registry.catalogue.banks.service.find_bank import own_bank
from registry.catalogue.banks.service.show_bank import summary
from registry.catalogue.banks.store import banks
from registry.catalogue.entries.service.weigh_sources import weigh_sources
from registry.core.audit.service.record_event import record_event
from registry.core.database.pool import Connection
from registry.core.errors import Conflict
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.intake import store as private_cases
from registry.intake.service.change_intake import require_fit
from registry.sharing.sources import store as exchanges


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
        if after.get("published"):
            require_publishable(connection, found.bank_id, before["kind"])
        if private_cases.held(connection, found.bank_id):
            require_fit(before["kind"], seen_by, after)
        row = banks.change(
            connection, found.bank_id, name=wanted or before["name"], visibility=seen_by, policy=after
        )
        if row is None:
            raise bank_exists(wanted or before["name"])
        named = "source_original_tier"
        if after.get(named) != before["policy"].get(named):
            weigh_sources(connection, bank_id=found.bank_id)
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


def require_publishable(connection: Connection, bank_id: UUID, kind: str) -> None:
    """Raise `Conflict` (`not_publishable`) for a negative bank, whose media would be fakes elsewhere, and for
    one that an exchange or a peer fills, whose origin says what is to be said of it."""
    if kind == "negative" or exchanges.fills(connection, bank_id):
        why = "negative" if kind == "negative" else "filled from elsewhere"
        raise Conflict(
            f"The bank is {why}, and cannot be published.",
            code="not_publishable",
            next_step="Publish a bank that holds entries of your own: `fakeprint admin bank add NAME`.",
        )
