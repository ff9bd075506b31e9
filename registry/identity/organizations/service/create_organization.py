"""Let an organization take part."""

from __future__ import annotations

from typing import Any

from registry.core.errors import Conflict
from registry.core.labels import label
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.callers.service.create_caller import open_organization
from registry.identity.organizations.service.require_operator import require_operator
from registry.identity.organizations.service.show_organization import show_organization
from registry.identity.organizations.store import organizations
from registry.identity.quotas import model as quota
from registry.identity.quotas import store as quotas
from registry.identity.quotas.model import Limits


def create_organization(
    service: Service, caller: Caller, *, name: str, limits: Limits | None = None
) -> dict[str, Any]:
    """A new organization with a public bank named `default` and no caller yet. Needs `admin` of the one that
    runs the deployment. Raises `Forbidden` (`not_operator`), `BadInput` (`bad_label`, `bad_limits`),
    `Conflict` (`organization_exists`)."""
    name = label(name, "name")
    if limits is not None:
        quota.checked(limits)
    with service.pool.transaction() as connection:
        require_operator(connection, caller)
        organization_id = organizations.insert(connection, name)
        if organization_id is None:
            raise exists(name)
        open_organization(connection, caller, organization_id)
        if limits is not None and limits.bind:
            quotas.limit(connection, limits, organization_id=organization_id, caller_id=None)
    return show_organization(service, caller, organization_id)


def exists(name: str) -> Conflict:
    """The error of a name that is taken."""
    return Conflict(f"There is an organization named {name!r}.", code="organization_exists")
