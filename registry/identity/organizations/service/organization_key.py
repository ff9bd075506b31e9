"""Keys by which what an organization holds for others is sealed."""

from __future__ import annotations

from uuid import UUID

from registry.core.crypto.keys import FolderKeys, Key
from registry.core.service import Service


def client_keys(service: Service) -> FolderKeys:
    """The keys of organizations and of their clients, beside those of persons. Raises `BadInput`
    (`bad_keys_url`)."""
    return FolderKeys(service.keys.folder / "clients")


def organization_key(service: Service, organization_id: UUID) -> Key:
    """The organization's key for texts of which nobody knows yet whom they concern. Made at first use."""
    folder = client_keys(service)
    return folder.find(organization_id) or folder.create(organization_id)
