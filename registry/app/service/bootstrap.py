"""First start: an organization, a bank, an admin and its key."""

from __future__ import annotations

from uuid import UUID

from registry.catalogue.banks.service.banks import open_default_bank
from registry.core.audit.service import record_event
from registry.core.database.pool import Connection
from registry.core.service import Service
from registry.identity import callers, organizations
from registry.identity.callers.model import ROLES, SCOPES, HashedKey, new_key

ORGANIZATION = "Local"


def bootstrap(service: Service, key: str | None = None) -> str | None:
    """Create the first organization, its bank `default` and an admin with every role.

    Return its key (`key`, or a new one), or None if a caller exists already. Safe to run twice.
    """
    key = key or new_key()
    with service.pool.transaction() as connection:
        if callers.any_exists(connection):
            return None
        organization_id = _organization(connection)
        open_default_bank(connection, organization_id)
        _admin(connection, organization_id, key)
    return key


def another_admin(service: Service, key: str | None = None) -> str:
    """Create an admin of the first organization, whatever its name. It needs access to the database.

    Return its key (`key`, or a new one). If there is no caller yet, `bootstrap` creates it.
    """
    key = key or new_key()
    if bootstrap(service, key) is None:
        with service.pool.transaction() as connection:
            _admin(connection, organizations.first_organization(connection) or _organization(connection), key)
    return key


def _admin(connection: Connection, organization_id: UUID, key: str) -> None:
    row = callers.insert_caller(
        connection,
        organization_id=organization_id,
        name="admin",
        key=HashedKey.of(key),
        roles=sorted(ROLES | SCOPES),
    )
    record_event(
        connection,
        None,
        "caller.created",
        organization_id=organization_id,
        subject={"caller_id": row["caller_id"], "key_id": row["key_id"]},
        said={"roles": row["roles"]},
    )


def _organization(connection: Connection) -> UUID:
    row = organizations.get_or_add_organization(connection, ORGANIZATION)
    organization_id: UUID = row["organization_id"]
    if row["made"]:
        record_event(connection, None, "organization.created", organization_id=organization_id)
    return organization_id
