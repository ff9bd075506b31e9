"""Let a person in: an account, and an invitation by which its password or passkey is chosen."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Any

from registry.core.audit.service import record_event
from registry.core.errors import Conflict
from registry.core.labels import label
from registry.core.service import Service
from registry.identity.accounts.model import INVITED
from registry.identity.accounts.model import sign_in_name as name_of
from registry.identity.accounts.store import accounts
from registry.identity.callers.model import Caller, checked_roles
from registry.identity.callers.service.authenticate import digest
from registry.identity.callers.service.create_caller import require_open


def add_account(
    service: Service, caller: Caller, *, sign_in_name: str, name: str, roles: Iterable[str]
) -> dict[str, Any]:
    """A new caller of the own organization without a key, which signs in. Needs `admin`.

    The answer holds `invitation`, the address of a page that is open for a week and until somebody has used
    it;
    it is shown this once. Raises `BadInput` (`bad_label`, `unknown_role`), `Conflict` (`sign_in_name_taken`,
    `organization_closed`).
    """
    caller.require("admin")
    wanted = checked_roles(roles)
    known = name_of(sign_in_name)
    word = secrets.token_urlsafe(32)
    with service.pool.transaction() as connection:
        require_open(connection, caller.organization_id)
        made = accounts.insert(
            connection,
            organization_id=caller.organization_id,
            name=label(name, "name"),
            roles=wanted,
            sign_in_name=known,
            invited=digest(word),
            open_for=INVITED,
        )
        if made is None:
            raise Conflict("Somebody signs in by that name.", code="sign_in_name_taken")
        ids = {"account_id": made["account_id"], "caller_id": made["caller_id"]}
        record_event(connection, caller, "account.created", subject=ids, said={"roles": wanted})
    return {
        "account_id": str(made["account_id"]),
        "caller_id": str(made["caller_id"]),
        "sign_in_name": known,
        "name": name,
        "roles": wanted,
        "invitation": invitation_address(service, word),
        "invited_until": made["invited_until"].isoformat(),
    }


def invitation_address(service: Service, word: str) -> str:
    """Where an invitation is accepted: a path, and before it the console's address where that is set."""
    return f"{service.settings.public_url.rstrip('/')}/console/invitations/{word}"
