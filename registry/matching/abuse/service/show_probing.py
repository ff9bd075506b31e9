"""Show whether an organization's lookups are suspected to reconstruct registered hashes."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.callers.service.show_caller import moment
from registry.identity.organizations.service.show_organization import show_organization
from registry.matching.abuse import store as probing

MOST: Final = 100


def show_probing(service: Service, caller: Caller, organization_id: UUID) -> dict[str, Any]:
    """Suspected walks of the own organization, without any hash; that which runs the deployment sees every
    one's. Needs `admin`. Raises `NotFound` (`unknown_organization`)."""
    show_organization(service, caller, organization_id)
    with service.pool.transaction() as connection:
        rows = probing.page(connection, organization_id, limit=MOST)
    until = max((row["refused_until"] for row in rows if row["refused"]), default=None)
    return {
        "organization_id": str(organization_id),
        "refused_until": moment(until),
        "suspected": [
            {
                "caller_id": str(row["caller_id"]),
                "algorithm": row["algorithm"],
                "bits": row["bits"],
                "suspected_at": moment(row["suspected_at"]),
            }
            for row in rows
        ],
    }
