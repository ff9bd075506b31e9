"""List the organizations that take part."""

from __future__ import annotations

from typing import Any, Literal

from registry.core import cursor
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.organizations.service.require_operator import require_operator
from registry.identity.organizations.service.show_organization import shape
from registry.identity.organizations.store import organizations


def list_organizations(
    service: Service,
    caller: Caller,
    *,
    state: Literal["active", "closed"] | None = None,
    limit: int = 50,
    after: str | None = None,
) -> dict[str, Any]:
    """Organizations, oldest first; `next` continues where this page ends. Needs `admin` of the one that runs
    the deployment. Raises `Forbidden` (`not_operator`), `BadInput` (`bad_cursor`)."""
    with service.pool.transaction() as connection:
        require_operator(connection, caller)
        place = cursor.place(after) if after else None
        rows = organizations.page(connection, state=state, after=place, limit=limit + 1)
    more, rows = len(rows) > limit, rows[:limit]
    last = rows[-1] if more else None
    return {
        "organizations": [shape(row) for row in rows],
        "next": cursor.encode(last["created_at"].isoformat(), last["organization_id"]) if last else None,
    }
