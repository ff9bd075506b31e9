"""End what a request that was under way has left to an organization that was closed meanwhile."""

from __future__ import annotations

from registry.app.service.close_organization import discard_letters, withdraw
from registry.app.service.erase_closed_details import erase_closed_details
from registry.core.later import later
from registry.core.service import Service
from registry.identity.organizations.store import closing


def sweep_closed(service: Service) -> int:
    """How many entries were withdrawn, and lookups failed or let be. Safe to run again. What was said of
    entries is erased too, some at a time."""
    with service.pool.transaction() as connection:
        late = closing.late(connection)
    ended = 0
    for organization_id, entries in late:
        with service.pool.transaction() as connection:
            ended += closing.fail_lookups(connection, organization_id)
            ended += discard_letters(connection, None, organization_id)
            if entries == "withdraw":
                ended += withdraw(connection, None, organization_id)
        later(service, erase_closed_details, organization_id)
    return ended
