"""Send a webhook a message that means nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson

from registry.actions.relay_outbox import wake_workers
from registry.actions.service import Service
from registry.actions.show_delivery import show_delivery
from registry.actions.show_webhook import unknown
from registry.domain import webhook
from registry.domain.caller import Caller
from registry.store import deliveries, jobs, webhooks


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
