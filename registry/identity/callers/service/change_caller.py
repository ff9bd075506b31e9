"""Change what a caller is called, may do, and until when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID

from registry.core.audit.service import record_event
from registry.core.errors import Conflict
from registry.core.labels import label
from registry.core.service import Service
from registry.identity.callers.model import Caller, checked_expiry, checked_roles
from registry.identity.callers.service.find_caller import find_caller, require_admin_left
from registry.identity.callers.service.show_caller import show_caller
from registry.identity.callers.store import callers


def change_caller(
    service: Service,
    caller: Caller,
    caller_id: UUID,
    *,
    name: str | None = None,
    roles: Iterable[str] | None = None,
    expires_at: datetime | Literal["never"] | None = None,
) -> dict[str, Any]:
    """The caller as it is then; what is None stays. Its keys stay, and may do what it may from the next call
    on. An expired one works again until a later `expires_at`; one that was revoked does not. Needs `admin`.

    Raises `NotFound` (`unknown_caller`), `BadInput` (`unknown_role`, `bad_label`, `bad_time`, `bad_expiry`),
    `Conflict` (`caller_over`, `last_admin`).
    """
    caller.require("admin")
    wanted = None if roles is None else checked_roles(roles)
    called = None if name is None else label(name, "name")
    ends = None if isinstance(expires_at, str) else checked_expiry(expires_at, datetime.now(UTC))
    with service.pool.transaction() as connection:
        row = find_caller(connection, caller, caller_id, lock=True)
        if row["state"] == "revoked":
            raise Conflict("The caller was revoked.", code="caller_over")
        before = callers.is_administered(connection, caller.organization_id)
        may: list[str] = wanted or sorted(row["roles"])
        until: datetime | None = row["expires_at"] if expires_at is None else ends
        callers.change(connection, caller_id, name=called or row["name"], roles=may, expires_at=until)
        require_admin_left(connection, caller.organization_id, before=before)
        record_event(
            connection,
            caller,
            "caller.changed",
            subject={"caller_id": caller_id},
            said={
                "roles": may,
                "expires_at": until.isoformat() if until else None,
                "name": called is not None,
            },
        )
    return show_caller(service, caller, caller_id)
