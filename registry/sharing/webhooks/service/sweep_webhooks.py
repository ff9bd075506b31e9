"""Forget what is over: old messages, expired secrets, webhooks of organizations that were closed."""

from __future__ import annotations

from registry.core.service import Service
from registry.sharing.webhooks.model import KEPT_DAYS
from registry.sharing.webhooks.store import deliveries, webhooks


def sweep_webhooks(service: Service) -> int:
    """How many messages were forgotten. Safe to run at any time and by several at once.

    Raises `Unavailable` where the keys of a closed organization's webhooks cannot be destroyed now.
    """
    with service.pool.transaction() as connection:
        forgotten = deliveries.forget(connection, days=KEPT_DAYS)
        webhooks.forget_secrets(connection)
        closed = webhooks.of_closed(connection)
    for webhook_id in closed:
        service.keys.destroy(webhook_id)
        with service.pool.transaction() as connection:
            webhooks.delete(connection, webhook_id)
    return forgotten
