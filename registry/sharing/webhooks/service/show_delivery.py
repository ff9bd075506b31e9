"""Show what became of one message to a webhook."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from registry.core.errors import NotFound
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.sharing.webhooks.service.show_webhook import unknown
from registry.sharing.webhooks.store import deliveries, webhooks

_TIMES = ("created_at", "attempted_at", "ended_at", "next_at")


def show_delivery(service: Service, caller: Caller, webhook_id: UUID, delivery_id: int) -> dict[str, Any]:
    """The message, without its body. `delivery_id`: up to 2^62. Needs `admin`.

    Raises `NotFound` (`unknown_webhook`, `unknown_delivery`).
    """
    caller.require("admin")
    rows = page(service, caller, webhook_id, status=None, before=delivery_id + 1, limit=1)
    if not rows or rows[0]["delivery_id"] != delivery_id:
        raise NotFound(f"The webhook has no message {delivery_id}.", code="unknown_delivery")
    return shown(rows[0])


def page(
    service: Service, caller: Caller, webhook_id: UUID, *, status: str | None, before: int | None, limit: int
) -> list[dict[str, Any]]:
    """Rows of a webhook's messages, the newest first. Raises `NotFound` (`unknown_webhook`)."""
    with service.pool.transaction() as connection:
        if not webhooks.of_organization(connection, caller.organization_id, webhook_id):
            raise unknown(webhook_id)
        return deliveries.page(connection, webhook_id, status=status, before=before, limit=limit)


def shown(row: Mapping[str, Any]) -> dict[str, Any]:
    """A message as it is shown."""
    times = {name: row[name] and row[name].isoformat() for name in _TIMES}
    return {**row, **times, "message_id": f"msg_{row['message_id'].hex}"}
