"""Close an organization, as far as identity is concerned. `app.service.closing` closes it in every room."""

from __future__ import annotations

from typing import Final, Literal
from uuid import UUID

from registry.core.database.pool import Connection
from registry.identity.callers.model import Caller
from registry.identity.callers.store import callers
from registry.identity.organizations.errors import OperatingOrganization
from registry.identity.organizations.service.operator import require_operator
from registry.identity.organizations.service.organizations import unknown
from registry.identity.organizations.store import closing, organizations

Entries = Literal["keep", "withdraw"]
"""What becomes of the organization's entries."""
CLOSED: Final = ("organization_closed", "The organization was closed.")
"""Error code and message of work that ends with its organization."""


def mark_closed(
    connection: Connection, caller: Caller, organization_id: UUID, entries: Entries
) -> int | None:
    """Mark an organization as closed, and revoke its callers. Return how many; None if it is closed already.

    Statements of the transaction may take ten minutes from then on. Needs `admin` of the operating
    organization. Raises `Forbidden` (`not_operator`), `NotFound` (`unknown_organization`), `Conflict`
    (`operating_organization`).
    """
    closing.be_patient(connection)
    require_operator(connection, caller)
    row = organizations.lock_organization(connection, organization_id)
    if row is None:
        raise unknown(organization_id)
    if organizations.operates(connection, organization_id):
        raise OperatingOrganization("That organization runs the deployment and cannot be closed.")
    if row["state"] == "closed":
        return None
    organizations.close(connection, organization_id, entries)
    return callers.revoke_all(connection, organization_id)
