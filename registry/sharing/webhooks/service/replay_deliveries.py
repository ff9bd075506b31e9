"""Send dead letters again."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from registry.core.errors import Conflict
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.jobs.service.relay_outbox import wake_workers
from registry.jobs.store import jobs
from registry.sharing.webhooks.service.show_delivery import show_delivery
from registry.sharing.webhooks.service.show_webhook import unknown
from registry.sharing.webhooks.store import deliveries, webhooks


def replay_deliveries(
    service: Service,
    caller: Caller,
    webhook_id: UUID,
    *,
    delivery_id: int | None = None,
    since: datetime | None = None,
) -> int:
    """How many dead letters wait again: one, or all that were made since a time, or all. They are sent in
    their first order, before what is newer, under the ids that they had. Needs `admin`.

    Raises `NotFound` (`unknown_webhook`, `unknown_delivery`), `Conflict` (`webhook_disabled`; `not_dead` for
    one that is not).
    """
    caller.require("admin")
    if delivery_id is not None:
        show_delivery(service, caller, webhook_id, delivery_id)
    with service.pool.transaction() as connection:
        row = webhooks.lock(connection, caller.organization_id, webhook_id)
        if row is None:
            raise unknown(webhook_id)
        if row["state"] == "disabled":
            raise Conflict(
                "The webhook is disabled, so nothing would be sent.",
                code="webhook_disabled",
                next_step="Make it active first: PATCH it, or `fakeprint admin webhook set ID --active`.",
            )
        replayed = deliveries.replay(connection, webhook_id, delivery_id=delivery_id, since=since)
        if delivery_id is not None and not replayed:
            raise Conflict("Only a dead letter can be replayed, and no test.", code="not_dead")
        if replayed:
            jobs.enqueue(connection, "deliver_messages", webhook_id)
    wake_workers(service)
    return replayed
