"""Show a webhook of an organization."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from registry.core.errors import NotFound
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.sharing.webhooks.store import webhooks


def show_webhook(service: Service, caller: Caller, webhook_id: UUID) -> dict[str, Any]:
    """One of the caller's organization, without its secret. Needs `admin`.

    Raises `NotFound` (`unknown_webhook`).
    """
    caller.require("admin")
    with service.pool.transaction() as connection:
        rows = webhooks.of_organization(connection, caller.organization_id, webhook_id)
    if not rows:
        raise unknown(webhook_id)
    return shown(rows[0])


def shown(row: Mapping[str, Any]) -> dict[str, Any]:
    """A webhook as it is shown."""
    return {**row, "webhook_id": str(row["webhook_id"]), "created_at": row["created_at"].isoformat()}


def unknown(webhook_id: UUID) -> NotFound:
    """The error for a webhook that is not there, or another organization's."""
    return NotFound(
        f"There is no webhook {webhook_id} of your organization.",
        code="unknown_webhook",
        next_step="List them with GET /v1/webhooks or `fakeprint admin webhook list`.",
    )
