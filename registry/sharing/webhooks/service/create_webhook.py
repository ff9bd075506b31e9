"""Let an address of an organization be told of what happens."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID, uuid4

from registry.core.audit.service.record_event import record_event
from registry.core.crypto.keys import Key
from registry.core.database.pool import Connection
from registry.core.errors import Conflict
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.sharing.webhooks import model as webhook
from registry.sharing.webhooks.service.deliver_messages import PURPOSE
from registry.sharing.webhooks.service.show_webhook import show_webhook
from registry.sharing.webhooks.store import webhooks


def create_webhook(service: Service, caller: Caller, *, url: str, kinds: Iterable[str]) -> dict[str, Any]:
    """The new webhook, with its `secret`, this once. It is told of events from now on. Needs `admin`.

    Raises `BadInput` (`bad_webhook_url`, `unknown_kind`), `Conflict` (`too_many_webhooks`), `Unavailable`.
    """
    caller.require("admin")
    url = webhook.checked_url(url, private=service.settings.webhook_private)
    wanted = webhook.checked_kinds(kinds)
    webhook_id = uuid4()
    secret = secrets.token_bytes(webhook.SECRET_BYTES)
    with service.keys.making(webhook_id) as key, service.pool.transaction() as connection:
        insert(connection, caller, webhook_id, url, wanted)
        webhooks.add_secret(connection, webhook_id, sealed(key, secret))
        record_event(connection, caller, "webhook.created", subject={"webhook_id": webhook_id})
    return {**show_webhook(service, caller, webhook_id), "secret": written(secret)}


def insert(connection: Connection, caller: Caller, webhook_id: UUID, url: str, kinds: Sequence[str]) -> None:
    """A webhook of the caller's organization. Raises `Conflict` (`too_many_webhooks`)."""
    made = webhooks.insert(
        connection,
        webhook_id=webhook_id,
        organization_id=caller.organization_id,
        url=url,
        kinds=kinds,
        created_by=caller.caller_id,
        most=webhook.MOST_OF_ORGANIZATION,
    )
    if not made:
        raise Conflict(
            f"Your organization has {webhook.MOST_OF_ORGANIZATION} webhooks, which is the most.",
            code="too_many_webhooks",
            next_step="Delete one, or let one be told of more kinds of events.",
        )


def sealed(key: Key, secret: bytes) -> bytes:
    """A secret as it is kept."""
    return key.seal(secret, PURPOSE)


def written(secret: bytes) -> str:
    """A secret as Standard Webhooks writes it."""
    return f"whsec_{base64.b64encode(secret).decode()}"
