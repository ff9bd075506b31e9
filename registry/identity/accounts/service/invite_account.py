"""Invite somebody again: after a lost password, a lost passkey, or a week."""

from __future__ import annotations

import secrets
from typing import Any
from uuid import UUID

from registry.core.audit.service import record_event
from registry.core.service import Service
from registry.identity.accounts.model import INVITED
from registry.identity.accounts.service.add_account import invitation_address
from registry.identity.accounts.service.list_accounts import found_account, shape
from registry.identity.accounts.store import accounts
from registry.identity.callers.model import Caller
from registry.identity.callers.service.authenticate import digest


def invite_account(service: Service, caller: Caller, account_id: UUID) -> dict[str, Any]:
    """The account with a new `invitation`, shown this once; the one before no longer works. Needs `admin`.
    Raises `NotFound` (`unknown_account`)."""
    caller.require("admin")
    word = secrets.token_urlsafe(32)
    with service.pool.transaction() as connection:
        row = found_account(connection, caller, account_id)
        until = accounts.invite(connection, account_id, digest(word), INVITED)
        record_event(connection, caller, "account.invited", subject={"account_id": account_id})
    known = shape(row)
    kept = ("account_id", "caller_id", "sign_in_name", "name", "roles")
    return {
        **{one: known[one] for one in kept},
        "invitation": invitation_address(service, word),
        "invited_until": until.isoformat(),
    }
