"""Have another registry told when a feed that it reads has a new page."""

from __future__ import annotations

import secrets
from typing import Any, Final
from uuid import UUID, uuid4

from registry.core.audit.service.record_event import record_event
from registry.core.database.pool import Connection
from registry.core.errors import Conflict
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.sharing.federation.service.find_feed import require_feed
from registry.sharing.webhooks import model as webhook
from registry.sharing.webhooks.service.create_webhook import insert, sealed
from registry.sharing.webhooks.store import webhooks

KIND: Final = "feed.published"


def follow_feed(service: Service, caller: Caller, bank_id: UUID, *, url: str) -> dict[str, Any]:
    """Where it is told, `url`: a webhook of the caller's organization for the kind `feed.published`, made, or
    found and made active again where it was given up, so that asking twice is asking once; one that an
    administrator has paused stays paused. It is told of every feed that the
    organization may read. Needs the scope `peer`.

    Raises `NotFound` (`unknown_feed`), `BadInput` (`bad_webhook_url`), `Conflict` (`too_many_webhooks`,
    `webhook_paused`), `Unavailable`.
    """
    caller.require("peer")
    url = webhook.checked_url(url, private=service.settings.webhook_private)
    with service.pool.transaction() as connection:
        require_feed(connection, caller, bank_id)
        found = _awake(connection, caller, url)
        gone = [] if found else _forget_gone(connection, caller)
    for webhook_id in gone:
        service.keys.destroy(webhook_id)
    webhook_id = found or _made(service, caller, url)
    return {"webhook_id": str(webhook_id), "url": url}


def _awake(connection: Connection, caller: Caller, url: str) -> UUID | None:
    """The organization's webhook of that address, which from now on is told of pages and is active."""
    for one in webhooks.of_organization(connection, caller.organization_id):
        if one["url"] == url:
            if one["state"] == "paused":
                raise Conflict(
                    "An administrator of your organization has paused the webhook of that address.",
                    code="webhook_paused",
                    next_step="Make it active at this registry; until then read the feed in its turn.",
                )
            kinds = sorted({*one["kinds"], KIND})
            if (kinds, "active") != (one["kinds"], one["state"]):
                webhooks.change(connection, one["webhook_id"], url=url, kinds=kinds, state="active")
                said = {"state": "active", "url": False, "kinds": True}
                subject = {"webhook_id": one["webhook_id"]}
                record_event(connection, caller, "webhook.changed", subject=subject, said=said)
            identity: UUID = one["webhook_id"]
            return identity
    return None


def _forget_gone(connection: Connection, caller: Caller) -> list[UUID]:
    """Delete those by which the organization followed feeds before, and that asked to be told no more."""
    gone: list[UUID] = [
        one["webhook_id"]
        for one in webhooks.of_organization(connection, caller.organization_id)
        if (one["kinds"], one["state"], one["reason"]) == ([KIND], "disabled", "gone")
    ]
    for webhook_id in gone:
        webhooks.delete(connection, webhook_id)
        record_event(connection, caller, "webhook.deleted", subject={"webhook_id": webhook_id})
    return gone


def _made(service: Service, caller: Caller, url: str) -> UUID:
    """A new one. Its secret is told to nobody: what it is sent is proved by the checkpoint in it."""
    webhook_id, secret = uuid4(), secrets.token_bytes(webhook.SECRET_BYTES)
    with service.keys.making(webhook_id) as key, service.pool.transaction() as connection:
        insert(connection, caller, webhook_id, url, [KIND])
        webhooks.add_secret(connection, webhook_id, sealed(key, secret))
        record_event(connection, caller, "webhook.created", subject={"webhook_id": webhook_id})
    return webhook_id
