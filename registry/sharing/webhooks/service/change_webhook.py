"""Change where a webhook is, what it is told of, or whether it is sent anything."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal
from uuid import UUID

from registry.core.audit.service.record_event import record_event
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.sharing.webhooks import model as webhook
from registry.sharing.webhooks.service.show_webhook import show_webhook, unknown
from registry.sharing.webhooks.store import webhooks


def change_webhook(
    service: Service,
    caller: Caller,
    webhook_id: UUID,
    *,
    url: str | None = None,
    kinds: Iterable[str] | None = None,
    state: Literal["active", "paused"] | None = None,
) -> dict[str, Any]:
    """The webhook as it is then; what is None stays. Paused, its messages wait; active again, they are sent,
    and those that died while it was disabled can be replayed. Needs `admin`.

    Raises `NotFound` (`unknown_webhook`), `BadInput` (`bad_webhook_url`, `unknown_kind`).
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
