"""List who signs in for an organization."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from registry.core import cursor
from registry.core.database.pool import Connection
from registry.core.errors import NotFound
from registry.core.service import Service
from registry.identity.accounts.store import accounts
from registry.identity.callers.model import Caller


def list_accounts(
    service: Service, caller: Caller, *, limit: int = 50, after: str | None = None
) -> dict[str, Any]:
    """The own organization's accounts, oldest first; `next` continues where it ends. Needs `admin`. Raises
    `BadInput` (`bad_cursor`)."""
    caller.require("admin")
    place = cursor.place(after) if after else None
    with service.pool.transaction() as connection:
        rows = accounts.page(connection, caller.organization_id, after=place, limit=limit + 1)
    more, rows = len(rows) > limit, rows[:limit]
    last = rows[-1] if more else None
    return {
        "accounts": [shape(row) for row in rows],
        "next": cursor.encode(last["created_at"].isoformat(), last["account_id"]) if last else None,
    }


def found_account(connection: Connection, caller: Caller, account_id: UUID) -> dict[str, Any]:
    """An account of the own organization. Raises `NotFound` (`unknown_account`)."""
    rows = accounts.page(connection, caller.organization_id, account_id=account_id)
    if not rows:
        raise NotFound(f"There is no account {account_id} in your organization.", code="unknown_account")
    return rows[0]


def shape(row: dict[str, Any]) -> dict[str, Any]:
    """As it is answered. `state`: invited, active, or its caller's: expired, revoked."""
    return {
        "account_id": str(row["account_id"]),
        "caller_id": str(row["caller_id"]),
        "sign_in_name": row["sign_in_name"],
        "name": row["name"],
        "roles": sorted(row["roles"]),
        "state": row["state"],
        "password": row["password"],
        "passkeys": row["passkeys"],
        "oidc": row["oidc"],
        "created_at": row["created_at"].isoformat(),
        "last_sign_in_at": row["last_sign_in_at"].isoformat() if row["last_sign_in_at"] else None,
        "invited_until": row["invited_until"].isoformat() if row["invited_until"] else None,
    }
