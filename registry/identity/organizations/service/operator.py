"""The operating organization, and encryption keys of organizations."""

from __future__ import annotations

from uuid import UUID

from registry.core.crypto.keys import FolderKeys, Key
from registry.core.database.pool import Connection
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.organizations.errors import NotOperator
from registry.identity.organizations.store import organizations


def client_keys(service: Service) -> FolderKeys:
    """Return the keys of organizations and their clients, stored beside those of persons. Raises `BadInput`
    (`bad_keys_url`)."""
    return service.keys.within("clients")


def organization_key(service: Service, organization_id: UUID) -> Key:
    """Return the organization's key for texts whose subject is not known yet. Created at first use."""
    folder = client_keys(service)
    return folder.find(organization_id) or folder.create(organization_id)


def require_operator(connection: Connection, caller: Caller) -> None:
    """Raise `Forbidden` (`not_operator`) unless the caller is an administrator of the first organization,
    which runs the deployment. Other administrators manage only their own organization."""
    caller.require("admin")
    require_first_organization(connection, caller)


def require_first_organization(connection: Connection, caller: Caller) -> None:
    """Raise `Forbidden` (`not_operator`) unless the caller is of the first organization, which runs the
    deployment."""
    if not organizations.operates(connection, caller.organization_id):
        raise NotOperator(
            "That is for whoever runs the deployment: an administrator of its first organization."
        )
