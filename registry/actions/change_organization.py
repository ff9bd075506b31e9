"""Change what an organization is called, and how much it may ask."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from registry.actions.create_organization import exists
from registry.actions.limit_caller import said
from registry.actions.record_event import record_event
from registry.actions.require_operator import require_operator
from registry.actions.service import Service
from registry.actions.show_organization import show_organization, unknown
from registry.domain import quota
from registry.domain.caller import Caller
from registry.domain.labels import label
from registry.domain.quota import Limits
from registry.store import organizations, quotas


def change_organization(
    service: Service,
    caller: Caller,
    organization_id: UUID,
    *,
    name: str | None = None,
    limits: Limits | None = None,
) -> dict[str, Any]:
    """The organization as it is then; what is None stays. Limits are those of all its callers together. Needs
    `admin` of the one that runs the deployment. Raises `Forbidden` (`not_operator`), `NotFound`
    (`unknown_organization`), `BadInput` (`bad_label`, `bad_limits`), `Conflict` (`organization_exists`)."""
    called = None if name is None else label(name, "name")
    if limits is not None:
        quota.checked(limits)
    with service.pool.transaction() as connection:
        require_operator(connection, caller)
        if organizations.lock(connection, organization_id) is None:
            raise unknown(organization_id)
        if called is not None and not organizations.rename(connection, organization_id, called):
            raise exists(called)
        if limits is not None:
            quotas.limit(connection, limits, organization_id=organization_id, caller_id=None)
        record_event(
            connection,
            caller,
            "organization.changed",
            organization_id=organization_id,
            subject={"organization_id": organization_id},
            said={"name": called is not None, "limits": None if limits is None else said(limits)},
        )
    return show_organization(service, caller, organization_id)
