"""Say that an organization's lookups reconstruct nothing."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from registry.core.audit.service import record_event
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.organizations.service.require_operator import require_operator
from registry.identity.organizations.service.show_organization import unknown
from registry.identity.organizations.store import organizations
from registry.matching.abuse import store as probing
from registry.matching.abuse.service.show_probing import show_probing


def lift_probing(service: Service, caller: Caller, organization_id: UUID) -> dict[str, Any]:
    """Its near-identical hashes are answered again, in every process within about a second, and what they
    turn is counted anew. Needs `admin` of the organization that runs the deployment. Raises `Forbidden`
    (`not_operator`), `NotFound` (`unknown_organization`)."""
    with service.pool.transaction() as connection:
        require_operator(connection, caller)
        if organizations.lock(connection, organization_id) is None:
            raise unknown(organization_id)
        walks = probing.lift(connection, organization_id)
        if walks:
            record_event(
                connection,
                caller,
                "caller.cleared",
                organization_id=organization_id,
                said={"walks": walks},
            )
    return show_probing(service, caller, organization_id)
