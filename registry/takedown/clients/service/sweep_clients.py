"""End erasures of clients that were cut off, repeat those that a backup undid, and forget those of
organizations that were closed."""

from __future__ import annotations

from registry.core.service import Service
from registry.takedown.campaigns import store as campaigns
from registry.takedown.campaigns.service import takedown
from registry.takedown.clients.service.erase_client import forget


def sweep_clients(service: Service) -> int:
    """How many keys were destroyed. Safe to run at any time and by several at once.

    A key that is there though its client is erased, is destroyed: the one who erased it was killed before, or
    it came back from a backup. A client whose key is marked as destroyed is erased in the database too, as
    one from a backup is. Nobody is left to see the clients of an organization that was closed: they are
    erased, with what it was told. Raises `Unavailable` (`keys_unavailable`).
    """
    keys = takedown.keys(service)
    held = keys.held()
    with service.pool.transaction() as connection:
        gone = campaigns.erased_clients(connection, held) + campaigns.closed_organizations(connection, held)
        due = campaigns.unerased_clients(connection, keys.destroyed())
    for client_id, organization_id in due:
        with service.pool.transaction() as connection:
            forget(service, connection, None, organization_id, client_id)
        gone.append(client_id)
    for one in gone:
        keys.destroy(one)
    return len(gone)
