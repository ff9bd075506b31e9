"""Let somebody in no longer."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from registry.core.audit.service import record_event
from registry.core.service import Service
from registry.identity.accounts.service.list_accounts import found_account, shape
from registry.identity.accounts.store import accounts
from registry.identity.callers.model import Caller
from registry.identity.callers.service.find_caller import require_admin_left
from registry.identity.callers.store import callers
from registry.identity.organizations.store import organizations


def remove_account(service: Service, caller: Caller, account_id: UUID) -> dict[str, Any]:
    """The account as it was: name, password, passkeys and sessions are deleted, and its caller is revoked,
    with any keys. What it did stays on record under its caller's id. Needs `admin`.

    Raises `NotFound` (`unknown_account`), `Conflict` (`last_admin`).
    """
    caller.require("admin")
    with service.pool.transaction() as connection:
        organizations.lock(connection, caller.organization_id)
        row = found_account(connection, caller, account_id)
        before = callers.is_administered(connection, caller.organization_id)
        accounts.delete(connection, account_id)
        callers.revoke(connection, row["caller_id"])
        require_admin_left(connection, caller.organization_id, before=before)
        ids = {"account_id": account_id, "caller_id": row["caller_id"]}
        record_event(connection, caller, "account.removed", subject=ids)
    return shape(row)
