"""Change a bank: its name, who sees it, its policy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from registry.actions.create_bank import bank_exists, bank_name, visible_to
from registry.actions.find_bank import own_bank
from registry.actions.record_event import record_event
from registry.actions.service import Service
from registry.actions.show_bank import summary
from registry.domain import policy as policies
from registry.domain.caller import Caller
from registry.store import banks


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
    `NotFound` (`unknown_bank`), `Forbidden` (`foreign_bank`), `Conflict` (`bank_exists`).
    """
    caller.require("admin")
    wanted = None if new_name is None else bank_name(new_name)
    with service.pool.transaction() as connection:
        found = own_bank(connection, caller, name)
        before = banks.lock(connection, found.bank_id)
        seen_by = visible_to(visibility or before["visibility"], before["kind"])
        after = policies.changed_policy(before["policy"], policy or {})
        row = banks.change(
            connection, found.bank_id, name=wanted or before["name"], visibility=seen_by, policy=after
        )
        if row is None:
            raise bank_exists(wanted or before["name"])
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
