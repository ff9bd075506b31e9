"""Set how much a caller, or an organization with all its callers, may ask."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from registry.actions.find_caller import unknown
from registry.actions.record_event import record_event
from registry.actions.require_operator import require_operator
from registry.actions.service import Service
from registry.domain import quota
from registry.domain.caller import Caller
from registry.domain.quota import Limits
from registry.store import quotas


def limit_caller(service: Service, caller: Caller, caller_id: UUID, limits: Limits) -> dict[str, Any]:
    """The caller's limits from now on, in force within about a second. Needs `admin` of the organization that
    runs the deployment. Raises `Forbidden` (`not_operator`), `NotFound` (`unknown_caller`), `BadInput`
    (`bad_limits`)."""
    quota.checked(limits)
    with service.pool.transaction() as connection:
        require_operator(connection, caller)
        organization_id = quotas.whose(connection, caller_id)
        if organization_id is None:
            raise unknown(caller_id)
        quotas.limit(connection, limits, organization_id=organization_id, caller_id=caller_id)
        record_event(
            connection,
            caller,
            "caller.changed",
            organization_id=organization_id,
            subject={"caller_id": caller_id},
            said={"limits": said(limits)},
        )
    return {
        "caller_id": str(caller_id),
        "organization_id": str(organization_id),
        "limits": limits.shown(),
    }


def said(limits: Limits) -> dict[str, str | int | None]:
    """Limits as an event says them."""
    rate = None if limits.rate is None else f"{limits.rate:g}"
    return {"rate": rate, "daily": limits.daily, "monthly": limits.monthly}
