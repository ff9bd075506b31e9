"""Create, change, rotate and delete webhooks."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Literal
from uuid import UUID, uuid4

from registry.core.audit.service import record_event
from registry.core.crypto.keys import Key
from registry.core.database.pool import Connection
from registry.core.errors import BadInput, Conflict, NotFound
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.sharing.webhooks import model as webhook
from registry.sharing.webhooks.store import webhooks

PURPOSE: Final = "webhook secret"
"""Purpose with which webhook secrets are encrypted."""


def show_webhook(service: Service, caller: Caller, webhook_id: UUID) -> dict[str, Any]:
    """Return a webhook of the caller's organization, without its secret. Needs `admin`.

    Raises `NotFound` (`unknown_webhook`).
    """
    caller.require("admin")
    with service.pool.transaction() as connection:
        rows = webhooks.of_organization(connection, caller.organization_id, webhook_id)
    if not rows:
        raise unknown(webhook_id)
    return shown(rows[0])


def shown(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a webhook as the API shows it."""
    return {**row, "webhook_id": str(row["webhook_id"]), "created_at": row["created_at"].isoformat()}


def unknown(webhook_id: UUID) -> NotFound:
    """Return the error for a webhook that does not exist or belongs to another organization."""
    return NotFound(
        f"There is no webhook {webhook_id} of your organization.",
        code="unknown_webhook",
        next_step="List them with GET /v1/webhooks or `fakeprint admin webhook list`.",
    )


def list_webhooks(service: Service, caller: Caller) -> list[dict[str, Any]]:
    """List the webhooks of the caller's organization, oldest first, without their secrets. Needs `admin`."""
    caller.require("admin")
    with service.pool.transaction() as connection:
        rows = webhooks.of_organization(connection, caller.organization_id)
    return [shown(row) for row in rows]


def create_webhook(service: Service, caller: Caller, *, url: str, kinds: Iterable[str]) -> dict[str, Any]:
    """Create a webhook and return it with its `secret`, which is not shown again.

    It receives events from now on. Needs `admin`. Raises `BadInput` (`bad_webhook_url`, `unknown_kind`),
    `Conflict` (`too_many_webhooks`), `Unavailable`.
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
    """Insert a webhook of the caller's organization. Raises `Conflict` (`too_many_webhooks`)."""
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
    """Return the secret encrypted for storage."""
    return key.seal(secret, PURPOSE)


def written(secret: bytes) -> str:
    """Return the secret in the notation of Standard Webhooks (`whsec_...`)."""
    return f"whsec_{base64.b64encode(secret).decode()}"


def change_webhook(
    service: Service,
    caller: Caller,
    webhook_id: UUID,
    *,
    url: str | None = None,
    kinds: Iterable[str] | None = None,
    state: Literal["active", "paused"] | None = None,
) -> dict[str, Any]:
    """Change a webhook and return it. Arguments that are None stay as they are.

    Messages of a paused webhook wait until it is active again. Messages that died while the webhook was
    disabled can be replayed. Needs `admin`. Raises `NotFound` (`unknown_webhook`), `BadInput`
    (`bad_webhook_url`, `unknown_kind`).
    """
    caller.require("admin")
    if url is not None:
        url = webhook.checked_url(url, private=service.settings.webhook_private)
    wanted = None if kinds is None else webhook.checked_kinds(kinds)
    with service.pool.transaction() as connection:
        row = webhooks.lock(connection, caller.organization_id, webhook_id)
        if row is None:
            raise unknown(webhook_id)
        webhooks.change(
            connection,
            webhook_id,
            url=url or row["url"],
            kinds=wanted or row["kinds"],
            state=state or row["state"],
        )
        record_event(
            connection,
            caller,
            "webhook.changed",
            subject={"webhook_id": webhook_id},
            said={"state": state or row["state"], "url": url is not None, "kinds": wanted is not None},
        )
    return show_webhook(service, caller, webhook_id)


MOST: Final = 5
"""Maximum number of secrets that sign at the same time."""


def rotate_webhook(
    service: Service, caller: Caller, webhook_id: UUID, *, overlap_hours: float | None = None
) -> dict[str, Any]:
    """Replace the webhook's secret. Return the webhook with its new `secret`, which is not shown again.

    The previous secret also signs for `overlap_hours` (default 24; 0: it stops at once), so that the receiver
    can switch over. Needs `admin`. Raises `NotFound` (`unknown_webhook`, `key_destroyed`), `BadInput`,
    `Conflict` (`too_many_secrets`).
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


def delete_webhook(service: Service, caller: Caller, webhook_id: UUID) -> None:
    """Delete a webhook with its secrets and all messages, including those that wait. Needs `admin`.

    Raises `NotFound` (`unknown_webhook`), `Unavailable`.
    """
    caller.require("admin")
    with service.pool.transaction() as connection:
        if webhooks.lock(connection, caller.organization_id, webhook_id) is None:
            raise unknown(webhook_id)
        webhooks.delete(connection, webhook_id)
        record_event(connection, caller, "webhook.deleted", subject={"webhook_id": webhook_id})
    service.keys.destroy(webhook_id)
