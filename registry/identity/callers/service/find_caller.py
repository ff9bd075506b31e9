"""Which caller is meant by an id?"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from registry.core.database.pool import Connection
from registry.core.errors import Conflict, NotFound
from registry.identity.callers.model import Caller
from registry.identity.callers.store import callers
from registry.identity.organizations.store import organizations


def find_caller(
    connection: Connection, caller: Caller, caller_id: UUID, *, lock: bool = False
) -> dict[str, Any]:
    """The row of a caller of the asking caller's organization. `lock`: changes of that organization's callers
    take turns until the transaction ends. Raises `NotFound` (`unknown_caller`)."""
    if lock:
        organizations.lock(connection, caller.organization_id)
    row = callers.show(connection, caller.organization_id, caller_id)
    if row is None:
        raise unknown(caller_id)
    return row


def unknown(caller_id: UUID) -> NotFound:
    """The error of a caller that the asking one does not see."""
    return NotFound(
        f"There is no caller {caller_id} in your organization.",
        code="unknown_caller",
        next_step="List yours with GET /v1/callers or `fakeprint admin caller list`.",
    )


def require_admin_left(connection: Connection, organization_id: UUID, *, before: bool) -> None:
    """Raise `Conflict` (`last_admin`) where a change has left nobody who may administer the organization for
    good. `before`: there was somebody before it."""
    if before and not callers.is_administered(connection, organization_id):
        raise Conflict(
            "Nobody would be left who may administer the organization: an `admin` whose key does not expire.",
            code="last_admin",
            next_step="Make another one first: `fakeprint admin caller add NAME --role admin`.",
        )
