"""Create, change, rotate and delete webhooks."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterable, Sequence
from typing import Any, Final, Literal
from uuid import UUID, uuid4

from registry.core.audit.service import record_event
from registry.core.crypto.keys import Key
from registry.core.database.pool import Connection
from registry.core.errors import BadInput, NotFound
from registry.core.service import Service
from registry.core.tally import Tally
from registry.identity.callers.model import Caller
from registry.sharing.webhooks import model
from registry.sharing.webhooks.errors import (
    BadWebhookUrl,
    ChannelWithoutSecret,
    TooManySecrets,
    TooManyWebhooks,
    UnknownWebhook,
)
from registry.sharing.webhooks.schemas import Webhook, WebhookWithSecret
from registry.sharing.webhooks.service.channels import PURPOSE as ADDRESS
from registry.sharing.webhooks.service.channels import shown_address
from registry.sharing.webhooks.store import webhooks
from registry.sharing.webhooks.store.webhooks import Settings

PURPOSE: Final = "webhook secret"
"""Purpose with which webhook secrets are encrypted."""


def get_webhook(service: Service, caller: Caller, webhook_id: UUID) -> Webhook:
    """Return a webhook of the caller's organization, without its secret. Needs `admin`.

    Raises `NotFound` (`unknown_webhook`).
    """
    return Webhook.model_validate(_row(service, caller, webhook_id))


def _row(service: Service, caller: Caller, webhook_id: UUID) -> dict[str, Any]:
    caller.require("admin")
    with service.pool.transaction() as connection:
        rows = webhooks.of_organization(connection, caller.organization_id, webhook_id)
    if not rows:
        raise unknown_webhook(webhook_id)
    return rows[0]


def unknown_webhook(webhook_id: UUID) -> NotFound:
    """Return the error for a webhook that does not exist or belongs to another organization."""
    return UnknownWebhook(f"Your organization has no webhook {webhook_id}.")


def lock_webhook(connection: Connection, caller: Caller, webhook_id: UUID) -> Settings:
    """Lock a webhook of the caller's organization. Raises `NotFound` (`unknown_webhook`)."""
    settings = webhooks.lock(connection, caller.organization_id, webhook_id)
    if settings is None:
        raise unknown_webhook(webhook_id)
    return settings


def list_webhooks(service: Service, caller: Caller) -> list[Webhook]:
    """List the webhooks of the caller's organization, oldest first, without their secrets. Needs `admin`."""
    caller.require("admin")
    with service.pool.transaction() as connection:
        rows = webhooks.of_organization(connection, caller.organization_id)
    return [Webhook.model_validate(row) for row in rows]


def count_failing_webhooks(service: Service, caller: Caller) -> Tally:
    """Count the organization's webhooks that are disabled or have dead letters. Needs `admin`."""
    caller.require("admin")
    with service.pool.transaction() as connection:
        return webhooks.count_failing(connection, caller.organization_id)


def create_webhook(service: Service, caller: Caller, *, url: str, kinds: Iterable[str]) -> WebhookWithSecret:
    """Create a webhook and return it with its `secret`, which is not shown again.

    It receives events from now on. The address of a channel is stored encrypted, and shown without its
    secrets; a channel has no other `secret`. Needs `admin`. Raises `BadInput` (`bad_webhook_url`,
    `unknown_kind`), `Conflict` (`too_many_webhooks`), `NotInstalled`, `Unavailable`.
    """
    caller.require("admin")
    shown = _checked(service, url)
    checked_kinds = model.checked_kinds(kinds)
    webhook_id = uuid4()
    secret = secrets.token_bytes(model.SECRET_BYTES)
    channel = model.is_channel(url)
    with service.keys.making(webhook_id) as key, service.pool.transaction() as connection:
        insert_webhook(connection, caller, webhook_id, shown, checked_kinds)
        encrypted = encrypt_address(key, url) if channel else encrypt_secret(key, secret)
        webhooks.add_secret(connection, webhook_id, encrypted)
        record_event(connection, caller, "webhook.created", subject={"webhook_id": webhook_id})
    return _with_secret(_row(service, caller, webhook_id), None if channel else secret)


def _checked(service: Service, url: str) -> str:
    """Return the URL as it may be shown. Raises `BadInput` (`bad_webhook_url`), `NotInstalled`."""
    if model.is_channel(url):
        return shown_address(service, url)
    return model.checked_url(url, private=service.settings.webhook_private)


def insert_webhook(
    connection: Connection, caller: Caller, webhook_id: UUID, url: str, kinds: Sequence[str]
) -> None:
    """Insert a webhook of the caller's organization. Raises `Conflict` (`too_many_webhooks`)."""
    if not webhooks.insert(connection, caller, webhook_id, url, kinds):
        raise TooManyWebhooks(f"Your organization has {model.MOST_OF_ORGANIZATION} webhooks, the maximum.")


def encrypt_secret(key: Key, secret: bytes) -> bytes:
    """Return the secret encrypted for storage."""
    return key.seal(secret, PURPOSE)


def encrypt_address(key: Key, url: str) -> bytes:
    """Return the whole address of a channel encrypted for storage."""
    return key.seal(url.encode(), ADDRESS)


def _with_secret(row: dict[str, Any], secret: bytes | None) -> WebhookWithSecret:
    """Return a webhook with its secret in the notation of Standard Webhooks (`whsec_...`)."""
    text = None if secret is None else f"whsec_{base64.b64encode(secret).decode()}"
    return WebhookWithSecret.model_validate({**row, "secret": text})


def change_webhook(
    service: Service,
    caller: Caller,
    webhook_id: UUID,
    *,
    url: str | None = None,
    kinds: Iterable[str] | None = None,
    state: Literal["active", "paused"] | None = None,
) -> Webhook:
    """Change a webhook and return it. Arguments that are None stay as they are.

    Messages of a paused webhook wait until it is active again. Messages that died while the webhook was
    disabled can be replayed. Needs `admin`. Raises `NotFound` (`unknown_webhook`), `BadInput`
    (`bad_webhook_url`, `unknown_kind`), `NotInstalled`.
    """
    caller.require("admin")
    if url == get_webhook(service, caller, webhook_id).url:
        url = None
    shown = None if url is None else _checked(service, url)
    new_kinds = None if kinds is None else model.checked_kinds(kinds)
    with service.pool.transaction() as connection:
        row = lock_webhook(connection, caller, webhook_id)
        if url is not None and shown is not None:
            _replace_address(service, connection, webhook_id, row.url, url)
        changed = Settings(shown or row.url, new_kinds or row.kinds, state or row.state)
        webhooks.change(connection, webhook_id, changed)
        record_event(
            connection,
            caller,
            "webhook.changed",
            subject={"webhook_id": webhook_id},
            said={"state": changed.state, "url": url is not None, "kinds": new_kinds is not None},
        )
    return get_webhook(service, caller, webhook_id)


def _replace_address(service: Service, connection: Connection, webhook_id: UUID, old: str, new: str) -> None:
    """Store another address of a channel. Raises `BadInput` (`bad_webhook_url`)."""
    if model.is_channel(old) != model.is_channel(new):
        raise BadWebhookUrl(
            "A webhook that signs its messages cannot become a channel, nor the other way round.",
            next_step="Create another webhook, and delete this one.",
        )
    if model.is_channel(new):
        webhooks.expire_secrets(connection, webhook_id, overlap=0)
        webhooks.add_secret(connection, webhook_id, encrypt_address(service.keys.get(webhook_id), new))


MOST: Final = 5
"""Maximum number of secrets that sign at the same time."""


def rotate_webhook(
    service: Service, caller: Caller, webhook_id: UUID, *, overlap_hours: float | None = None
) -> WebhookWithSecret:
    """Replace the webhook's secret. Return the webhook with its new `secret`, which is not shown again.

    The previous secret also signs for `overlap_hours` (default 24; 0: it stops at once), so that the receiver
    can switch over. Needs `admin`. Raises `NotFound` (`unknown_webhook`, `key_destroyed`), `BadInput`,
    `Conflict` (`too_many_secrets`, `channel_without_secret`).
    """
    caller.require("admin")
    least, usual, most = model.OVERLAP_HOURS
    hours = usual if overlap_hours is None else overlap_hours
    if not least <= hours <= most:
        raise BadInput(f"`overlap_hours` is a number from {least} to {most}.")
    secret = secrets.token_bytes(model.SECRET_BYTES)
    with service.pool.transaction() as connection:
        if model.is_channel(lock_webhook(connection, caller, webhook_id).url):
            raise ChannelWithoutSecret("The webhook is a channel: its messages are not signed.")
        webhooks.expire_secrets(connection, webhook_id, overlap=hours * 3600)
        webhooks.add_secret(connection, webhook_id, encrypt_secret(service.keys.get(webhook_id), secret))
        (row,) = webhooks.of_organization(connection, caller.organization_id, webhook_id)
        if row["secrets"] > MOST:
            raise TooManySecrets(f"{MOST} secrets of this webhook are already in use.")
        record_event(
            connection,
            caller,
            "webhook.changed",
            subject={"webhook_id": webhook_id},
            said={"secret": True, "overlap_seconds": round(hours * 3600)},
        )
    return _with_secret(_row(service, caller, webhook_id), secret)


def delete_webhook(service: Service, caller: Caller, webhook_id: UUID) -> None:
    """Delete a webhook with its secrets and all messages, including those that wait. Needs `admin`.

    Raises `NotFound` (`unknown_webhook`), `Unavailable`.
    """
    caller.require("admin")
    with service.pool.transaction() as connection:
        lock_webhook(connection, caller, webhook_id)
        webhooks.delete(connection, webhook_id)
        record_event(connection, caller, "webhook.deleted", subject={"webhook_id": webhook_id})
    service.keys.destroy(webhook_id)
