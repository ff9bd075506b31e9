"""Show somebody what they sign in by, and where they are signed in."""

from __future__ import annotations

from typing import Any

from registry.core.service import Service
from registry.identity.accounts.model import Signed
from registry.identity.accounts.service.find_session import idle
from registry.identity.accounts.store import accounts, sessions


def show_account(service: Service, signed: Signed) -> dict[str, Any]:
    """`password` and `oidc` (is there one), `passkeys`, and open `sessions`, of which one is `this`. Times
    are in UTC."""
    with service.pool.transaction() as connection:
        account = accounts.able(connection, account_id=signed.account_id)
        passkeys = accounts.passkeys(connection, signed.account_id)
        open_ones = sessions.open_ones(connection, signed.account_id, idle(service))
    return {
        "sign_in_name": signed.sign_in_name,
        "name": signed.caller.name,
        "organization": signed.organization,
        "roles": sorted(signed.caller.roles),
        "password": bool(account and account["password_hash"]),
        "oidc": bool(account and account["oidc_issuer"]),
        "passkeys": [
            {name: value for name, value in one.items() if name != "credential_id"} for one in passkeys
        ],
        "sessions": [one | {"this": one["session_id"] == signed.session_id} for one in open_ones],
    }
