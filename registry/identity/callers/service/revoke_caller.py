"""Take a caller's keys away, for good."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from registry.core.audit.service import record_event
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.callers.service.find_caller import find_caller, require_admin_left
from registry.identity.callers.service.show_caller import show_caller
from registry.identity.callers.store import callers


def revoke_caller(service: Service, caller: Caller, caller_id: UUID) -> dict[str, Any]:
    """The caller, revoked: no key of it works from this commit on. Twice, nothing more happens.

    Needs `admin`. Raises `NotFound` (`unknown_caller`), `Conflict` (`last_admin`).
    """
    caller.require("admin")
    with service.pool.transaction() as connection:
        row = find_caller(connection, caller, caller_id, lock=True)
        if row["state"] != "revoked":
            before = callers.is_administered(connection, caller.organization_id)
            callers.revoke(connection, caller_id)
            require_admin_left(connection, caller.organization_id, before=before)
            record_event(connection, caller, "caller.revoked", subject={"caller_id": caller_id})
    return show_caller(service, caller, caller_id)
