"""Organizations: create, show, list, change."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from registry.core import cursor
from registry.core.audit.service import record_event
from registry.core.errors import Conflict, NotFound
from registry.core.labels import label
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.callers.schemas import Organization, OrganizationPage
from registry.identity.callers.service.keys import open_organization
from registry.identity.organizations.errors import OrganizationExists, UnknownOrganization
from registry.identity.organizations.service.operator import require_operator
from registry.identity.organizations.store import organizations
from registry.identity.quotas import store as quotas
from registry.identity.quotas.model import limits as quota_limits
from registry.identity.quotas.model.limits import Limits
from registry.identity.quotas.service import event_fields


def get_organization(service: Service, caller: Caller, organization_id: UUID) -> Organization:
    """Return an organization. Callers see their own; the operating organization sees all. Needs `admin`.

    Raises `NotFound` (`unknown_organization`).
    """
    caller.require("admin")
    with service.pool.transaction() as connection:
        own = organization_id == caller.organization_id
        if not own and not organizations.operates(connection, caller.organization_id):
            raise unknown(organization_id)
        row = organizations.find_organization(connection, organization_id)
    if row is None:
        raise unknown(organization_id)
    return Organization.model_validate(row)


def unknown(organization_id: UUID) -> NotFound:
    """Return the error for an organization that the caller may not see."""
    return UnknownOrganization(f"There is no organization {organization_id} that this key may see.")


def list_organizations(
    service: Service,
    caller: Caller,
    *,
    state: Literal["active", "closed"] | None = None,
    limit: int = 50,
    after: str | None = None,
) -> OrganizationPage:
    """Return organizations, oldest first, with `next` as the cursor. Needs `admin` of the operating
    organization. Raises `Forbidden` (`not_operator`), `BadInput` (`bad_cursor`)."""
    with service.pool.transaction() as connection:
        require_operator(connection, caller)
        place = cursor.place(after) if after else None
        rows = organizations.page(connection, state=state, after=place, limit=limit + 1)
    more, rows = len(rows) > limit, rows[:limit]
    last = rows[-1] if more else None
    return OrganizationPage(
        organizations=[Organization.model_validate(row) for row in rows],
        next=cursor.encode(last["created_at"].isoformat(), last["organization_id"]) if last else None,
    )


def create_organization(
    service: Service, caller: Caller, *, name: str, limits: Limits | None = None
) -> Organization:
    """Create an organization with a public bank named `default` and no caller. Needs `admin` of the operating
    organization. Raises `Forbidden` (`not_operator`), `BadInput` (`bad_label`, `bad_limits`), `Conflict`
    (`organization_exists`)."""
    name = label(name, "name")
    if limits is not None:
        quota_limits.checked(limits)
    with service.pool.transaction() as connection:
        require_operator(connection, caller)
        organization_id = organizations.insert(connection, name)
        if organization_id is None:
            raise exists(name)
        open_organization(connection, caller, organization_id)
        if limits is not None and limits.bind:
            quotas.limit(connection, limits, organization_id=organization_id, caller_id=None)
    return get_organization(service, caller, organization_id)


def exists(name: str) -> Conflict:
    """Return the error for a name that is taken."""
    return OrganizationExists(f"There is an organization named {name!r}.")


def change_organization(
    service: Service,
    caller: Caller,
    organization_id: UUID,
    *,
    name: str | None = None,
    limits: Limits | None = None,
) -> Organization:
    """Change an organization and return it; fields that are None stay. The limits apply to all its callers
    together. Needs `admin` of the operating organization. Raises `Forbidden` (`not_operator`), `NotFound`
    (`unknown_organization`), `BadInput` (`bad_label`, `bad_limits`), `Conflict` (`organization_exists`)."""
    new_name = None if name is None else label(name, "name")
    if limits is not None:
        quota_limits.checked(limits)
    with service.pool.transaction() as connection:
        require_operator(connection, caller)
        if organizations.lock_organization(connection, organization_id) is None:
            raise unknown(organization_id)
        if new_name is not None and not organizations.rename(connection, organization_id, new_name):
            raise exists(new_name)
        if limits is not None:
            quotas.limit(connection, limits, organization_id=organization_id, caller_id=None)
        record_event(
            connection,
            caller,
            "organization.changed",
            organization_id=organization_id,
            subject={"organization_id": organization_id},
            said={"name": new_name is not None, "limits": None if limits is None else event_fields(limits)},
        )
    return get_organization(service, caller, organization_id)
