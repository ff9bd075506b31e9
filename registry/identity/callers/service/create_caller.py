"""Give somebody a key."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from registry.core.audit.service import record_event
from registry.core.database.pool import Connection
from registry.core.errors import Conflict
from registry.core.labels import label
from registry.core.service import Service
from registry.core.subscribers import Event
from registry.identity.callers.model import Caller, checked_expiry, checked_roles, new_key, prefix_of
from registry.identity.callers.store import callers
from registry.identity.organizations.service.require_operator import require_operator
from registry.identity.organizations.store import organizations

organization_opened: Final = Event("organization_opened")
"""A new organization takes part."""


def create_caller(
    service: Service,
    caller: Caller,
    *,
    organization: str | None,
    name: str,
    roles: Iterable[str],
    expires_at: datetime | None = None,
) -> dict[str, Any]:
    """A new caller of `organization` (made if it is new; None: the caller's own). Needs `admin`; for another
    organization than the caller's, that of the first one, and only while that organization has no
    administrator of its own: from then on it makes its callers itself.

    The answer holds the key: it is shown this once. Raises `BadInput` (`unknown_role`, `bad_label`,
    `bad_time`, `bad_expiry`), `Forbidden` (`not_operator`), `Conflict` (`organization_closed`,
    `has_administrator`).
    """
    caller.require("admin")
    wanted = checked_roles(roles)
    name = label(name, "name")
    ends = checked_expiry(expires_at, datetime.now(UTC))
    key = new_key()
    with service.pool.transaction() as connection:
        organization_id = caller.organization_id
        if organization is not None:
            organization_id = _named(connection, caller, label(organization, "organization"))
        require_open(connection, organization_id)
        made = callers.insert(
            connection,
            organization_id=organization_id,
            name=name,
            key_sha256=hashlib.sha256(key.encode()).digest(),
            prefix=prefix_of(key),
            roles=wanted,
            expires_at=ends,
        )
        record_event(
            connection,
            caller,
            "caller.created",
            organization_id=organization_id,
            subject={"caller_id": made["caller_id"], "key_id": made["key_id"]},
            said={"roles": wanted, "expires_at": _code(ends)},
        )
    return {
        "caller_id": str(made["caller_id"]),
        "organization_id": str(organization_id),
        "name": made["name"],
        "roles": sorted(made["roles"]),
        "expires_at": None if ends is None else ends.isoformat(),
        "key_id": str(made["key_id"]),
        "prefix": prefix_of(key),
        "key": key,
    }


def _named(connection: Connection, caller: Caller, name: str) -> UUID:
    """The organization of that name, made with a bank if it is new, if the caller may give it a caller."""
    found = organizations.named(connection, name)
    organization_id: UUID = found["organization_id"]
    if organization_id == caller.organization_id:
        return organization_id
    require_operator(connection, caller)
    if found["made"]:
        open_organization(connection, caller, organization_id)
    elif callers.has_admin(connection, organization_id):
        raise Conflict(
            "That organization has an administrator, who makes its callers.",
            code="has_administrator",
            next_step="Ask them; only an organization without one is given a caller from here.",
        )
    return organization_id


def open_organization(connection: Connection, caller: Caller, organization_id: UUID) -> None:
    """Put a new organization on record, with what it begins with."""
    organization_opened(connection, organization_id)
    record_event(
        connection,
        caller,
        "organization.created",
        organization_id=organization_id,
        subject={"organization_id": organization_id},
    )


def require_open(connection: Connection, organization_id: UUID) -> None:
    """Raise `Conflict` (`organization_closed`)."""
    found = organizations.lock(connection, organization_id)
    if found is None or found["state"] == "closed":
        raise Conflict("That organization is closed.", code="organization_closed")


def _code(moment: datetime | None) -> str | None:
    """A time as an event says it."""
    return None if moment is None else moment.isoformat(timespec="seconds")
