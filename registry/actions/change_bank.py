"""Change a bank's policy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from registry.actions.find_bank import own_bank
from registry.actions.service import Service
from registry.domain import policy as policies
from registry.domain.caller import Caller
from registry.store import banks


def change_bank(service: Service, caller: Caller, name: str, policy: Mapping[str, Any]) -> dict[str, Any]:
    """The bank (of the caller's organization, by name or id) with these settings of its policy changed; None
    takes one back to its default. Needs `admin`.

    Lookups follow at once; faces that `face_retention_days` asks to delete are gone minutes later, for good.
    Raises `BadInput` (`bad_policy`), `NotFound` (`unknown_bank`), `Forbidden` (`foreign_bank`).
    """
    caller.require("admin")
    with service.pool.transaction() as connection:
        found = own_bank(connection, caller, name)
        before = banks.lock_policy(connection, found.bank_id)
        row = banks.set_policy(connection, found.bank_id, policies.changed_policy(before, policy))
    return {**row, "bank_id": str(row["bank_id"]), "created_at": row["created_at"].isoformat()}
