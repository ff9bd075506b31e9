"""Change what an organization is called, and how much it may ask."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from registry.core.audit.service import record_event
from registry.core.labels import label
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.organizations.service.create_organization import exists
from registry.identity.organizations.service.require_operator import require_operator
from registry.identity.organizations.service.show_organization import show_organization, unknown
from registry.identity.organizations.store import organizations
from registry.identity.quotas import model as quota
from registry.identity.quotas import store as quotas
from registry.identity.quotas.model import Limits
from registry.identity.quotas.service.limit_caller import said


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
