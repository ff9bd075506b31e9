"""Give somebody a key."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from registry.actions.bootstrap import BANK, new_key
from registry.actions.require_operator import require_operator
from registry.actions.service import Service
from registry.domain.caller import Caller, checked_roles
from registry.domain.labels import label
from registry.store import banks, callers


def create_caller(
    service: Service, caller: Caller, *, organization: str | None, name: str, roles: Iterable[str]
) -> dict[str, Any]:
    """A new caller of `organization` (made if it is new; None: the caller's own). Needs `admin`; for another
    organization than the caller's, whose persons and lookups the key opens, that of the first one.

    The answer holds the key: it is shown this once. Raises `BadInput` (`unknown_role`, `bad_label`),
    `Forbidden` (`not_operator`).
    """
    caller.require("admin")
    wanted = checked_roles(roles)
    name = label(name, "name")
    key = new_key()
    with service.pool.transaction() as connection:
        organization_id = caller.organization_id
        if organization is not None:
            organization_id = callers.organization(connection, label(organization, "organization"))
            if organization_id != caller.organization_id:
                require_operator(connection, caller)
            banks.insert(
                connection, organization_id=organization_id, name=BANK, visibility="public", policy={}
            )
        made = callers.insert(
            connection,
            organization_id=organization_id,
            name=name,
            key_sha256=hashlib.sha256(key.encode()).digest(),
            roles=wanted,
        )
    return {
        "caller_id": str(made.caller_id),
        "organization_id": str(made.organization_id),
        "name": made.name,
        "roles": sorted(made.roles),
        "key": key,
    }
