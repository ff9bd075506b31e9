"""Replace a webhook's secret while messages go on."""

from __future__ import annotations

import secrets
from typing import Any, Final
from uuid import UUID

from registry.core.audit.service.record_event import record_event
from registry.core.errors import BadInput, Conflict
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.sharing.webhooks import model as webhook
from registry.sharing.webhooks.service.create_webhook import sealed, written
from registry.sharing.webhooks.service.show_webhook import show_webhook, unknown
from registry.sharing.webhooks.store import webhooks

MOST: Final = 5
"""Secrets that sign at the same time."""


def rotate_webhook(
    service: Service, caller: Caller, webhook_id: UUID, *, overlap_hours: float | None = None
) -> dict[str, Any]:
    """The webhook with its new `secret`, this once. The one before signs beside it for `overlap_hours` (24;
    0: no longer), so that the receiver may change over meanwhile. Needs `admin`.

    Raises `NotFound` (`unknown_webhook`, `key_destroyed`), `BadInput`, `Conflict` (`too_many_secrets`).
    """
    caller.require("admin")
    least, usual, most = webhook.OVERLAP_HOURS
    hours = usual if overlap_hours is None else overlap_hours
    if not least <= hours <= most:
        raise BadInput(f"`overlap_hours` is a number from {least} to {most}.")
    secret = secrets.token_bytes(webhook.SECRET_BYTES)
    with service.pool.transaction() as connection:
        if webhooks.lock(connection, caller.organization_id, webhook_id) is None:
            raise unknown(webhook_id)
        webhooks.expire_secrets(connection, webhook_id, overlap=hours * 3600)
        webhooks.add_secret(connection, webhook_id, sealed(service.keys.get(webhook_id), secret))
        (row,) = webhooks.of_organization(connection, caller.organization_id, webhook_id)
        if row["secrets"] > MOST:
            raise Conflict(
                f"{MOST} secrets of this webhook sign already.",
                code="too_many_secrets",
                next_step="Wait until one has expired, or rotate with `overlap_hours` 0.",
            )
        record_event(
            connection,
            caller,
            "webhook.changed",
            subject={"webhook_id": webhook_id},
            said={"secret": True, "overlap_seconds": round(hours * 3600)},
        )
    return {**show_webhook(service, caller, webhook_id), "secret": written(secret)}
