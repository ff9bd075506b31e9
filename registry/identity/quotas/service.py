"""Rate limits and quotas of a caller."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from registry.core.audit.service import record_event
from registry.core.service import Service
from registry.identity.callers import schemas
from registry.identity.callers.model import Caller
from registry.identity.callers.schemas import LimitedCaller
from registry.identity.callers.service.callers import unknown
from registry.identity.organizations.service.operator import require_operator
from registry.identity.quotas import store as quotas
from registry.identity.quotas.model import limits as quota_limits
from registry.identity.quotas.model.limits import Limits
from registry.identity.quotas.model.rate_limit import Lease, LeaseRequest


def limit_caller(service: Service, caller: Caller, caller_id: UUID, limits: Limits) -> LimitedCaller:
    """Set the caller's limits; they apply within about a second. Needs `admin` of the operating organization.
    Raises `Forbidden` (`not_operator`), `NotFound` (`unknown_caller`), `BadInput` (`bad_limits`)."""
    quota_limits.checked(limits)
    with service.pool.transaction() as connection:
        require_operator(connection, caller)
        organization_id = quotas.organization_of(connection, caller_id)
        if organization_id is None:
            raise unknown(caller_id)
        quotas.limit(connection, limits, organization_id=organization_id, caller_id=caller_id)
        record_event(
            connection,
            caller,
            "caller.changed",
            organization_id=organization_id,
            subject={"caller_id": caller_id},
            said={"limits": event_fields(limits)},
        )
    return LimitedCaller(
        caller_id=str(caller_id),
        organization_id=str(organization_id),
        limits=schemas.Limits.model_validate(limits),
    )


def event_fields(limits: Limits) -> dict[str, str | int | None]:
    """Format limits for an event."""
    rate = None if limits.rate is None else f"{limits.rate:g}"
    return {"rate": rate, "daily": limits.daily, "monthly": limits.monthly}


PATIENCE: Final = 1.0
"""Seconds to wait for a connection; after that the process counts by itself."""


def lease_tokens(service: Service, requests: Sequence[LeaseRequest]) -> dict[UUID, Lease]:
    """Return the token lease of each caller, by its id. Raises `Unavailable`."""
    with service.pool.transaction(PATIENCE) as connection:
        return quotas.lease(connection, requests, rate=service.settings.caller_rate or None)
