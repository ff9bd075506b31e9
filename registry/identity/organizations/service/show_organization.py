"""Show an organization."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from registry.core.errors import NotFound
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.callers.service.show_caller import moment
from registry.identity.organizations.store import organizations
from registry.identity.quotas.model import Limits


def show_organization(service: Service, caller: Caller, organization_id: UUID) -> dict[str, Any]:
    """The own organization; that which runs the deployment sees every one. Needs `admin`.

    Raises `NotFound` (`unknown_organization`).
    """
    caller.require("admin")
    with service.pool.transaction() as connection:
        own = organization_id == caller.organization_id
        if not own and not organizations.operates(connection, caller.organization_id):
            raise unknown(organization_id)
        row = organizations.show(connection, organization_id)
    if row is None:
        raise unknown(organization_id)
    return shape(row)


def shape(row: Mapping[str, Any]) -> dict[str, Any]:
    """An organization's row as answered."""
    return {
        "organization_id": str(row["organization_id"]),
        "name": row["name"],
        "state": row["state"],
        "created_at": moment(row["created_at"]),
        "closed_at": moment(row["closed_at"]),
        "callers": row["callers"],
        "limits": Limits(row["rate"], row["daily"], row["monthly"]).shown(),
    }


def unknown(organization_id: UUID) -> NotFound:
    """The error of an organization that the caller does not see."""
    return NotFound(
        f"There is no organization {organization_id} that this key may see.", code="unknown_organization"
    )
