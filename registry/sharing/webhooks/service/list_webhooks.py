"""List the webhooks of an organization."""

from __future__ import annotations

from typing import Any

from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.sharing.webhooks.service.show_webhook import shown
from registry.sharing.webhooks.store import webhooks


def list_webhooks(service: Service, caller: Caller) -> list[dict[str, Any]]:
    """Those of the caller's organization, the oldest first, without their secrets. Needs `admin`."""
    caller.require("admin")
    with service.pool.transaction() as connection:
        rows = webhooks.of_organization(connection, caller.organization_id)
    return [shown(row) for row in rows]
