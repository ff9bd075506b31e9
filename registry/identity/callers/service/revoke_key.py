"""Take one key of a caller away."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from registry.core.audit.service import record_event
from registry.core.errors import NotFound
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.callers.service.find_caller import find_caller, require_admin_left
from registry.identity.callers.service.show_caller import show_caller
from registry.identity.callers.store import api_keys, callers


def revoke_key(service: Service, caller: Caller, caller_id: UUID, key_id: UUID) -> dict[str, Any]:
    """The caller, without the key: it does not work from this commit on. Twice, nothing more happens. Needs
    `admin`. Raises `NotFound` (`unknown_caller`, `unknown_key`), `Conflict` (`last_admin`)."""
    caller.require("admin")
    with service.pool.transaction() as connection:
        find_caller(connection, caller, caller_id, lock=True)
        keys = api_keys.of_callers(connection, [caller_id], everything=True)
        if key_id not in {key["key_id"] for key in keys}:
            raise NotFound(f"The caller has no key {key_id}.", code="unknown_key")
        before = callers.is_administered(connection, caller.organization_id)
        if api_keys.revoke(connection, key_id):
            require_admin_left(connection, caller.organization_id, before=before)
            subject = {"caller_id": caller_id, "key_id": key_id}
            record_event(connection, caller, "key.revoked", subject=subject)
    return show_caller(service, caller, caller_id)
