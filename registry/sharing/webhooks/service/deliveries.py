"""Send, list and replay the messages of webhooks."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Protocol
from uuid import UUID

import orjson
from standardwebhooks.webhooks import Webhook

from registry import __version__, jobs
from registry.core import cursor
from registry.core.audit.service import record_event
from registry.core.database.pool import Connection
from registry.core.errors import NotFound, UnknownDelivery
from registry.core.errors.crypto import KeyDestroyed
from registry.core.net import outbound
from registry.core.net.outbound import Attempt
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.jobs import Job
from registry.jobs.service.queue import wake_workers
from registry.sharing.webhooks import model
from registry.sharing.webhooks.errors import NotDead, WebhookDisabled
from registry.sharing.webhooks.schemas import Delivery, DeliveryPage
from registry.sharing.webhooks.service import channels
from registry.sharing.webhooks.service.channels import send_message
from registry.sharing.webhooks.service.webhooks import PURPOSE, lock_webhook, unknown_webhook
from registry.sharing.webhooks.store import deliveries, webhooks
from registry.sharing.webhooks.store.deliveries import PendingDelivery, Place, Result
from registry.sharing.webhooks.store.webhooks import Endpoint


def get_delivery(service: Service, caller: Caller, webhook_id: UUID, delivery_id: int) -> Delivery:
    """Return a message without its body. `delivery_id`: up to 2^62. Needs `admin`.

    Raises `NotFound` (`unknown_webhook`, `unknown_delivery`).
    """
    caller.require("admin")
    rows = _page(service, caller, webhook_id, Place(status=None, before=delivery_id + 1, limit=1))
    if not rows or rows[0]["delivery_id"] != delivery_id:
        raise UnknownDelivery(f"The webhook has no message {delivery_id}.")
    return Delivery.model_validate(rows[0])


def _page(service: Service, caller: Caller, webhook_id: UUID, place: Place) -> list[dict[str, Any]]:
    with service.pool.transaction() as connection:
        if not webhooks.of_organization(connection, caller.organization_id, webhook_id):
            raise unknown_webhook(webhook_id)
        return deliveries.page(connection, webhook_id, place)


_DIGITS: Final = 18


def list_deliveries(
    service: Service,
    caller: Caller,
    webhook_id: UUID,
    *,
    status: str | None = None,
    limit: int = 50,
    after: str | None = None,
) -> DeliveryPage:
    """List the messages of a webhook, newest first, for the last 30 days. `next` is the cursor of the next
    page.

    Needs `admin`. Raises `NotFound` (`unknown_webhook`), `BadInput` (`bad_cursor`).
    """
    caller.require("admin")
    before = _number(cursor.decode(after, words=1)[0]) if after else None
    rows = _page(service, caller, webhook_id, Place(status, before, limit + 1))
    more, rows = len(rows) > limit, rows[:limit]
    return DeliveryPage(
        deliveries=[Delivery.model_validate(row) for row in rows],
        next=cursor.encode(rows[-1]["delivery_id"]) if more else None,
    )


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > _DIGITS:
        raise cursor.refused()
    return int(text)


log = logging.getLogger(__name__)

BUDGET: Final = 60.0
"""Seconds for which one job sends messages. Afterwards other jobs get their turn."""


class Sends(Protocol):
    """A function that sends a request, such as `registry.core.net.outbound.post`."""

    def __call__(self, url: str, headers: Mapping[str, str], body: bytes, *, private: bool) -> Attempt: ...


@dataclass(frozen=True, slots=True)
class _Sending:
    endpoint: Endpoint
    delivery: PendingDelivery


def deliver_messages(
    service: Service, job: Job, progress: Callable[[float], None], *, send: Sends = outbound.post
) -> None:
    """Send the webhook's messages in order, until one must wait, none is left or `BUDGET` is used up.

    A message is sent only after the previous one was delivered or has become a dead letter. Each attempt is
    committed before the request. Its result is committed afterwards, under the job's fence. If the worker is
    killed in between or loses its job, the message is sent again with the same id.

    Raises `Conflict` (`lease_lost`) if another worker has the job.
    """
    until = time.monotonic() + BUDGET
    while time.monotonic() < until:
        progress(0.0)
        with service.pool.transaction() as connection:
            jobs.hold(connection, job)
            sending = _next(connection, job)
            if sending is None:
                jobs.finish(connection, job)
                return
        result, retry_after = _attempt(service, sending, send)
        with service.pool.transaction() as connection:
            jobs.hold(connection, job)
            _settle(connection, sending, result, retry_after)
    with service.pool.transaction() as connection:
        jobs.hold(connection, job)
        jobs.finish(connection, job)


def _next(connection: Connection, job: Job) -> _Sending | None:
    endpoint = webhooks.endpoint(connection, job.subject_id)
    if endpoint is None:
        return None
    active = endpoint.state == "active"
    while (delivery := deliveries.start_attempt(connection, endpoint.webhook_id, active=active)) is not None:
        if delivery.attempts <= model.ATTEMPTS:
            return _Sending(endpoint, delivery)
        # The attempts are used up and none has a result: the worker died during each.
        deliveries.give_up(connection, delivery.delivery_id, Result("broken", None, "", 0))
    return None


def _attempt(service: Service, sending: _Sending, send: Sends) -> tuple[Result, float | None]:
    """Send once. Return the result and the seconds of the endpoint's Retry-After."""
    began = time.monotonic()
    body = sending.delivery.body.encode()
    outcome: model.Outcome = "no_secret"
    status, snippet, retry_after = None, "", None
    try:
        if model.is_channel(sending.endpoint.url):
            attempt = send_message(service, _address(service, sending.endpoint), sending.delivery.body)
        else:
            headers = _headers(service, sending)
            attempt = send(sending.endpoint.url, headers, body, private=service.settings.webhook_private)
    except NotFound:
        pass
    else:
        outcome, status, snippet = attempt.outcome, attempt.status, attempt.snippet
        retry_after = attempt.retry_after
    took_ms = round((time.monotonic() - began) * 1000)
    log.info(
        "message sent",
        extra={
            "webhook_id": str(sending.endpoint.webhook_id),
            "delivery_id": sending.delivery.delivery_id,
            "outcome": outcome,
            "status": status,
            "ms": took_ms,
        },
    )
    return Result(outcome, status, snippet, took_ms), retry_after


def _address(service: Service, endpoint: Endpoint) -> str:
    """Return the whole address of a channel. Raises `NotFound` if it cannot be read."""
    if not endpoint.sealed:
        raise KeyDestroyed("The channel has no address.")
    key = service.keys.get(endpoint.webhook_id)
    return key.open(endpoint.sealed[0], channels.PURPOSE).decode()


def _headers(service: Service, sending: _Sending) -> dict[str, str]:
    """Return the headers of Standard Webhooks, with one signature for each secret in force.

    Raises `NotFound` if no secret can be read, `Unavailable` (`keys_unavailable`, `sealed_damaged`).
    """
    key = service.keys.get(sending.endpoint.webhook_id)
    message_id = f"msg_{sending.delivery.message_id.hex}"
    now = datetime.now(UTC)
    signatures = [
        Webhook(key.open(sealed, PURPOSE)).sign(message_id, now, sending.delivery.body)
        for sealed in sending.endpoint.sealed
    ]
    if not signatures:
        raise KeyDestroyed("The webhook has no secret.")
    return {
        "Content-Type": "application/json",
        "User-Agent": f"Fakeprint/{__version__}",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def _settle(connection: Connection, sending: _Sending, result: Result, retry_after: float | None) -> None:
    """Record the result of an attempt: delivered, to be retried, or dead. Disable the webhook if
    necessary."""
    endpoint, delivery = sending.endpoint, sending.delivery
    if result.outcome == "delivered":
        deliveries.mark_delivered(connection, delivery.delivery_id, result)
        webhooks.reset_dead_letters(connection, endpoint.webhook_id)
        return
    may_retry = result.outcome != "gone" and delivery.event_id is not None
    if may_retry and delivery.attempts < model.ATTEMPTS:
        draw = random.random()  # noqa: S311 - jitter, not a secret
        delay = model.delay(delivery.attempts, draw, retry_after)
        deliveries.retry(connection, delivery.delivery_id, result, delay=delay)
        return
    deliveries.give_up(connection, delivery.delivery_id, result)
    if result.outcome == "gone":
        _disable(connection, endpoint, "gone")
    elif may_retry and webhooks.count_dead_letter(connection, endpoint.webhook_id) >= model.DEATHS:
        _disable(connection, endpoint, "failing")


def _disable(connection: Connection, endpoint: Endpoint, reason: str) -> None:
    if webhooks.disable(connection, endpoint.webhook_id, reason):
        deliveries.give_up_waiting(connection, endpoint.webhook_id)
        record_event(
            connection,
            None,
            "webhook.changed",
            organization_id=endpoint.organization_id,
            subject={"webhook_id": endpoint.webhook_id},
            said={"state": "disabled", "reason": reason},
        )


def replay_deliveries(
    service: Service,
    caller: Caller,
    webhook_id: UUID,
    *,
    delivery_id: int | None = None,
    since: datetime | None = None,
) -> int:
    """Queue dead letters again and return how many: one, those created since a time, or all.

    They are sent in their original order, before newer messages, with their original ids. Needs `admin`.
    Raises `NotFound` (`unknown_webhook`, `unknown_delivery`), `Conflict` (`webhook_disabled`; `not_dead` if
    `delivery_id` is not a dead letter).
    """
    caller.require("admin")
    if delivery_id is not None:
        get_delivery(service, caller, webhook_id, delivery_id)
    with service.pool.transaction() as connection:
        if lock_webhook(connection, caller, webhook_id).state == "disabled":
            raise WebhookDisabled("The webhook is disabled, so nothing would be sent.")
        replayed = deliveries.replay(connection, webhook_id, delivery_id=delivery_id, since=since)
        if delivery_id is not None and not replayed:
            raise NotDead("Only dead letters can be replayed, and no test messages.")
        if replayed:
            jobs.enqueue(connection, "deliver_messages", webhook_id)
    wake_workers(service)
    return replayed


def send_test_message(service: Service, caller: Caller, webhook_id: UUID) -> Delivery:
    """Queue a test message and return its delivery.

    A worker sends it at once, ahead of other messages, even if the webhook is paused or disabled. It is not
    retried. Needs `admin`. Raises `NotFound` (`unknown_webhook`).
    """
    caller.require("admin")
    data = {"webhook_id": str(webhook_id)}
    body = orjson.dumps(model.message(model.TEST, datetime.now(UTC), data)).decode()
    with service.pool.transaction() as connection:
        lock_webhook(connection, caller, webhook_id)
        delivery_id = deliveries.add_test(connection, webhook_id, body)
        jobs.enqueue(connection, "deliver_messages", webhook_id)
    wake_workers(service)
    return get_delivery(service, caller, webhook_id, delivery_id)
