"""Tell an address nothing more, and forget it."""

from __future__ import annotations

from uuid import UUID

from registry.core.audit.service.record_event import record_event
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.sharing.webhooks.service.show_webhook import unknown
from registry.sharing.webhooks.store import webhooks


def delete_webhook(service: Service, caller: Caller, webhook_id: UUID) -> None:
    """Delete a webhook, its secrets and all its messages, those that wait too. Needs `admin`.

    Raises `NotFound` (`unknown_webhook`), `Unavailable`.
    """
    caller.require("admin")
    with service.pool.transaction() as connection:
        if webhooks.lock(connection, caller.organization_id, webhook_id) is None:
            raise unknown(webhook_id)
        webhooks.delete(connection, webhook_id)
        record_event(connection, caller, "webhook.deleted", subject={"webhook_id": webhook_id})
    service.keys.destroy(webhook_id)
