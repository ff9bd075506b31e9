"""Send a webhook a message that means nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson

from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.jobs.service.relay_outbox import wake_workers
from registry.jobs.store import jobs
from registry.sharing.webhooks import model as webhook
from registry.sharing.webhooks.service.show_delivery import show_delivery
from registry.sharing.webhooks.service.show_webhook import unknown
from registry.sharing.webhooks.store import deliveries, webhooks


def try_webhook(service: Service, caller: Caller, webhook_id: UUID) -> dict[str, Any]:
    """The test's delivery, which a worker makes at once: out of turn, also of a webhook that is paused or
    disabled, and once only. Needs `admin`. Raises `NotFound` (`unknown_webhook`)."""
    caller.require("admin")
    data = {"webhook_id": str(webhook_id)}
    body = orjson.dumps(webhook.message(webhook.TEST, datetime.now(UTC), data)).decode()
    with service.pool.transaction() as connection:
        if webhooks.lock(connection, caller.organization_id, webhook_id) is None:
            raise unknown(webhook_id)
        delivery_id = deliveries.add_test(connection, webhook_id, body)
        jobs.enqueue(connection, "deliver_messages", webhook_id)
    wake_workers(service)
    return show_delivery(service, caller, webhook_id, delivery_id)
