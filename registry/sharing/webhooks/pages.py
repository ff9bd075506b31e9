"""Pages of webhooks, their deliveries, and the replay of dead letters."""

from __future__ import annotations

import re
from typing import Final

from starlette.responses import Response

from registry.console.fields import area, parse_number
from registry.console.languages import N_
from registry.console.view import Card, Page, Shown, Waiting
from registry.core.errors import UnknownDelivery
from registry.sharing.webhooks.model import MOST_KINDS, SENT_KINDS, is_channel
from registry.sharing.webhooks.schemas import WebhookWithSecret
from registry.sharing.webhooks.service.deliveries import list_deliveries, replay_deliveries, send_test_message
from registry.sharing.webhooks.service.webhooks import (
    change_webhook,
    count_failing_webhooks,
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


def _failing(page: Page) -> Card:
    return Card(
        N_("Failing webhooks"),
        N_("No webhook fails."),
        "/admin/webhooks?failing=yes",
        count_failing_webhooks(page.service, page.caller),
        N_("Messages could not be delivered. Look at the answers, then send the messages again."),
        broken=True,
    )


area.waiting += (Waiting("listWebhooks", _failing),)


@area.page("/admin/webhooks", operation="listWebhooks")
def webhooks(page: Page) -> Shown:
    """List the organization's webhooks, all or those that fail."""
    rows = list_webhooks(page.service, page.caller)
    failing = page.query("failing") == "yes"
    if failing:
        rows = [row for row in rows if row.state == "disabled" or row.dead]
    return page.show("admin/webhooks.html", webhooks=rows, failing=failing, kinds=sorted(SENT_KINDS))


@area.form("/admin/webhooks", operation="createWebhook", again=webhooks)
def create(page: Page) -> Shown | Response:
    """Create a webhook and show its secret once."""
    webhook_ = create_webhook(
        page.service, page.caller, url=page.typed.text("url").strip(), kinds=_kinds(page)
    )
    if webhook_.secret is None:
        return page.go(f"/admin/webhooks/{webhook_.webhook_id}", "webhook_added")
    return _secret(page, webhook_)


@area.page("/admin/webhooks/{webhook_id}", operation="listDeliveries")
def webhook(page: Page) -> Shown:
    """Show a webhook with its deliveries."""
    webhook_id = page.uuid("webhook_id")
    status = page.query("status") if page.query("status") in STATUSES else ""
    page_ = list_deliveries(
        page.service, page.caller, webhook_id, status=status or None, after=page.query("after") or None
    )
    webhook_ = get_webhook(page.service, page.caller, webhook_id)
    return page.show(
        "admin/webhook.html",
        webhook=webhook_,
        deliveries=page_.deliveries,
        next=page_.next,
        chosen=status,
        statuses=STATUSES,
        outcomes=OUTCOMES,
        kinds=sorted(SENT_KINDS),
        signs=not is_channel(webhook_.url),
    )


@area.form("/admin/webhooks/{webhook_id}", operation="changeWebhook", again=webhook)
def change(page: Page) -> Response:
    """Change the URL and the kinds of events."""
    webhook_id = page.uuid("webhook_id")
    url = page.typed.text("url").strip()
    change_webhook(page.service, page.caller, webhook_id, url=url, kinds=_kinds(page))
    return page.go(f"/admin/webhooks/{webhook_id}", "webhook_changed")


@area.form("/admin/webhooks/{webhook_id}/state", operation="changeWebhook", again=webhook)
def move(page: Page) -> Response:
    """Pause or resume a webhook."""
    webhook_id = page.uuid("webhook_id")
    paused = page.typed.text("state") == "paused"
    change_webhook(page.service, page.caller, webhook_id, state="paused" if paused else "active")
    return page.go(f"/admin/webhooks/{webhook_id}", "webhook_paused" if paused else "webhook_active")


@area.form("/admin/webhooks/{webhook_id}/test", operation="testWebhook", again=webhook)
def test(page: Page) -> Response:
    """Send a test message."""
    webhook_id = page.uuid("webhook_id")
    send_test_message(page.service, page.caller, webhook_id)
    return page.go(f"/admin/webhooks/{webhook_id}", "webhook_tested")


@area.form("/admin/webhooks/{webhook_id}/replay", operation="replayDeliveries", again=webhook)
def replay(page: Page) -> Response:
    """Send one dead letter again, or all."""
    webhook_id, delivery = page.uuid("webhook_id"), page.typed.text("delivery")
    if delivery and not (delivery.isascii() and delivery.isdigit() and len(delivery) < 19):
        raise UnknownDelivery("There is no such message.")
    replay_deliveries(page.service, page.caller, webhook_id, delivery_id=int(delivery) if delivery else None)
    return page.go(f"/admin/webhooks/{webhook_id}", "webhook_replayed")


@area.form("/admin/webhooks/{webhook_id}/secret", operation="rotateWebhook", again=webhook)
def rotate(page: Page) -> Shown:
    """Rotate the secret and show the new one once."""
    hours = parse_number(page, "overlap", "bad_input")
    return _secret(
        page, rotate_webhook(page.service, page.caller, page.uuid("webhook_id"), overlap_hours=hours)
    )


@area.form("/admin/webhooks/{webhook_id}/delete", operation="deleteWebhook", again=webhook)
def delete(page: Page) -> Response:
    """Delete a webhook and its messages."""
    delete_webhook(page.service, page.caller, page.uuid("webhook_id"))
    return page.go("/admin/webhooks", "webhook_deleted")


def _kinds(page: Page) -> list[str]:
    kinds = [part for part in _BETWEEN.split(page.typed.text("kinds")[:8000]) if part]
    return kinds[: MOST_KINDS + 1]


def _secret(page: Page, webhook_: WebhookWithSecret) -> Shown:
    return page.show(
        "admin/secret.html",
        heading=N_("The secret"),
        text=N_(
            "Messages are signed with it (Standard Webhooks), so that the receiver can check where they "
            "come from. Save it now: it is shown only once."
        ),
        name=webhook_.url,
        label=N_("Secret"),
        secret=webhook_.secret,
        until=None,
        back=f"/admin/webhooks/{webhook_.webhook_id}",
        status=201,
    )
