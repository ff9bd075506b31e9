"""Webhooks, what became of their messages, and sending dead ones again."""

from __future__ import annotations

import re
from typing import Final

from starlette.responses import Response

from registry.console.fields import area, number
from registry.console.languages import N_
from registry.console.view import Page, Shown
from registry.core.errors import UnknownDelivery
from registry.sharing.webhooks.model import MOST_KINDS, SENT_KINDS
from registry.sharing.webhooks.schemas import WebhookWithSecret
from registry.sharing.webhooks.service.deliveries import list_deliveries, replay_deliveries, send_test_message
from registry.sharing.webhooks.service.webhooks import (
    change_webhook,
    create_webhook,
    delete_webhook,
    get_webhook,
    list_webhooks,
    rotate_webhook,
)

OUTCOMES: Final = {
    "delivered": N_("The endpoint accepted it."),
    "refused": N_("The endpoint refused it."),
    "gone": N_("The endpoint is gone (410): the webhook was disabled."),
    "redirected": N_("The endpoint answered with a redirect, which is not followed."),
    "timed_out": N_("The endpoint did not answer in time."),
    "broken": N_("The connection broke, or the answer was not HTTP."),
    "unreachable": N_("The endpoint could not be reached."),
    "tls_failed": N_("No secure connection with a valid certificate could be made."),
    "address_refused": N_("The name resolves to an address that is not public. Nothing was sent."),
    "unknown_name": N_("The name does not exist in DNS."),
    "no_secret": N_("The secret cannot be read any more."),
    "disabled": N_("Nothing was sent: the webhook is disabled."),
}
STATUSES: Final = ("waiting", "delivered", "dead")
_BETWEEN: Final = re.compile(r"[\s,;]+")


@area.page("/admin/webhooks", operation="listWebhooks")
def webhooks(page: Page) -> Shown:
    """The organization's."""
    found = list_webhooks(page.service, page.caller)
    return page.show("admin/webhooks.html", webhooks=found, kinds=sorted(SENT_KINDS))


@area.form("/admin/webhooks", operation="createWebhook", again=webhooks)
def create(page: Page) -> Shown:
    """Have an address told; the secret is shown this once."""
    made = create_webhook(page.service, page.caller, url=page.typed.text("url").strip(), kinds=_kinds(page))
    return _secret(page, made)


@area.page("/admin/webhooks/{webhook_id}", operation="listDeliveries")
def webhook(page: Page) -> Shown:
    """One, and what became of its messages."""
    webhook_id = page.uuid("webhook_id")
    status = page.query("status") if page.query("status") in STATUSES else ""
    found = list_deliveries(
        page.service, page.caller, webhook_id, status=status or None, after=page.query("after") or None
    )
    return page.show(
        "admin/webhook.html",
        webhook=get_webhook(page.service, page.caller, webhook_id),
        deliveries=found.deliveries,
        next=found.next,
        chosen=status,
        statuses=STATUSES,
        outcomes=OUTCOMES,
        kinds=sorted(SENT_KINDS),
    )


@area.form("/admin/webhooks/{webhook_id}", operation="changeWebhook", again=webhook)
def change(page: Page) -> Response:
    """Its address and what it is told of."""
    webhook_id = page.uuid("webhook_id")
    url = page.typed.text("url").strip()
    change_webhook(page.service, page.caller, webhook_id, url=url, kinds=_kinds(page))
    return page.go(f"/admin/webhooks/{webhook_id}", "webhook_changed")


@area.form("/admin/webhooks/{webhook_id}/state", operation="changeWebhook", again=webhook)
def move(page: Page) -> Response:
    """Pause it, or let it be told again."""
    webhook_id = page.uuid("webhook_id")
    paused = page.typed.text("state") == "paused"
    change_webhook(page.service, page.caller, webhook_id, state="paused" if paused else "active")
    return page.go(f"/admin/webhooks/{webhook_id}", "webhook_paused" if paused else "webhook_active")


@area.form("/admin/webhooks/{webhook_id}/test", operation="testWebhook", again=webhook)
def test(page: Page) -> Response:
    """Send it a message that means nothing."""
    webhook_id = page.uuid("webhook_id")
    send_test_message(page.service, page.caller, webhook_id)
    return page.go(f"/admin/webhooks/{webhook_id}", "webhook_tested")


@area.form("/admin/webhooks/{webhook_id}/replay", operation="replayDeliveries", again=webhook)
def replay(page: Page) -> Response:
    """Send one dead letter again, or all."""
    webhook_id, one = page.uuid("webhook_id"), page.typed.text("delivery")
    if one and not (one.isascii() and one.isdigit() and len(one) < 19):
        raise UnknownDelivery("There is no such message.")
    replay_deliveries(page.service, page.caller, webhook_id, delivery_id=int(one) if one else None)
    return page.go(f"/admin/webhooks/{webhook_id}", "webhook_replayed")


@area.form("/admin/webhooks/{webhook_id}/secret", operation="rotateWebhook", again=webhook)
def rotate(page: Page) -> Shown:
    """Another secret, shown this once."""
    hours = number(page, "overlap", "bad_input")
    return _secret(
        page, rotate_webhook(page.service, page.caller, page.uuid("webhook_id"), overlap_hours=hours)
    )


@area.form("/admin/webhooks/{webhook_id}/delete", operation="deleteWebhook", again=webhook)
def delete(page: Page) -> Response:
    """Away with it and its messages."""
    delete_webhook(page.service, page.caller, page.uuid("webhook_id"))
    return page.go("/admin/webhooks", "webhook_deleted")


def _kinds(page: Page) -> list[str]:
    found = [part for part in _BETWEEN.split(page.typed.text("kinds")[:8000]) if part]
    return found[: MOST_KINDS + 1]


def _secret(page: Page, made: WebhookWithSecret) -> Shown:
    return page.show(
        "admin/secret.html",
        heading=N_("The secret"),
        text=N_(
            "Messages are signed with it (Standard Webhooks), so that the receiver can check where they "
            "come from. Save it now: it is shown only once."
        ),
        name=made.url,
        label=N_("Secret"),
        secret=made.secret,
        until=None,
        back=f"/admin/webhooks/{made.webhook_id}",
        status=201,
    )
