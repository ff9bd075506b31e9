"""A worker sends a webhook's messages, one after another."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Protocol

from standardwebhooks.webhooks import Webhook

from registry import __version__
from registry.core.audit.service.record_event import record_event
from registry.core.database.pool import Connection
from registry.core.errors import NotFound
from registry.core.net import outbound
from registry.core.net.outbound import Attempt
from registry.core.service import Service
from registry.jobs.store import jobs
from registry.jobs.store.jobs import Job
from registry.sharing.webhooks import model as webhook
from registry.sharing.webhooks.store import deliveries, webhooks
from registry.sharing.webhooks.store.deliveries import Result, Turn
from registry.sharing.webhooks.store.webhooks import Target

log = logging.getLogger(__name__)

BUDGET: Final = 60.0
"""Seconds for which a job goes on to the next message; then others have their turn."""
PURPOSE: Final = "webhook secret"
"""What secrets are sealed for."""


class Sends(Protocol):
    """A way to send; `registry.core.net.outbound.post`."""

    def __call__(self, url: str, headers: Mapping[str, str], body: bytes, *, private: bool) -> Attempt: ...


@dataclass(frozen=True, slots=True)
class _Sending:
    target: Target
    turn: Turn


def deliver_messages(
    service: Service, job: Job, progress: Callable[[float], None], *, send: Sends = outbound.post
) -> None:
    """Send the webhook's messages in their order until one has to wait, none is left or others have waited.

    A message is sent when the one before it was delivered or has died. An attempt is committed before it is
    made, and what became of it afterwards, under the job's fence: a worker that is killed in between, or
    loses its job, leaves a message that is sent again, under the same id.
    Raises `Conflict` (`lease_lost`) where another worker has the job.
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
    target = webhooks.to_send(connection, job.subject_id)
    if target is None:
        return None
    active = target.state == "active"
    while (turn := deliveries.begin(connection, target.webhook_id, active=active)) is not None:
        if turn.attempts <= webhook.ATTEMPTS:
            return _Sending(target, turn)
        # Each attempt was the end of a worker.
        deliveries.dead(connection, turn.delivery_id, Result("broken", None, "", 0))
    return None


def _attempt(service: Service, sending: _Sending, send: Sends) -> tuple[Result, float | None]:
    """Send once. The seconds are those that the endpoint asks to be left alone for."""
    began = time.monotonic()
    body = sending.turn.body.encode()
    outcome: webhook.Outcome = "no_secret"
    status, snippet, retry_after = None, "", None
    try:
        headers = _headers(service, sending)
    except NotFound:
        pass
    else:
        attempt = send(sending.target.url, headers, body, private=service.settings.webhook_private)
        outcome, status, snippet = attempt.outcome, attempt.status, attempt.snippet
        retry_after = attempt.retry_after
    took = round((time.monotonic() - began) * 1000)
    log.info(
        "message sent",
        extra={
            "webhook_id": str(sending.target.webhook_id),
            "delivery_id": sending.turn.delivery_id,
            "outcome": outcome,
            "status": status,
            "ms": took,
        },
    )
    return Result(outcome, status, snippet, took), retry_after


def _headers(service: Service, sending: _Sending) -> dict[str, str]:
    """Those of Standard Webhooks, signed with each secret in force. Raises `NotFound` where none can be read,
    `Unavailable` (`keys_unavailable`, `sealed_damaged`)."""
    key = service.keys.get(sending.target.webhook_id)
    message_id = f"msg_{sending.turn.message_id.hex}"
    now = datetime.now(UTC)
    signatures = [
        Webhook(key.open(sealed, PURPOSE)).sign(message_id, now, sending.turn.body)
        for sealed in sending.target.sealed
    ]
    if not signatures:
        raise NotFound("The webhook has no secret.", code="key_destroyed")
    return {
        "Content-Type": "application/json",
        "User-Agent": f"Fakeprint/{__version__}",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def _settle(connection: Connection, sending: _Sending, result: Result, retry_after: float | None) -> None:
    """Keep what became of it: delivered, to be sent again, or dead; and disable a webhook for good reason."""
    target, turn = sending.target, sending.turn
    if result.outcome == "delivered":
        deliveries.delivered(connection, turn.delivery_id, result)
        webhooks.lived(connection, target.webhook_id)
        return
    if result.outcome == "gone":
        deliveries.dead(connection, turn.delivery_id, result)
        _disable(connection, target, "gone")
    elif turn.event_id is None:
        deliveries.dead(connection, turn.delivery_id, result)
    elif turn.attempts < webhook.ATTEMPTS:
        draw = random.random()  # noqa: S311 - a spread, no secret
        delay = webhook.delay(turn.attempts, draw, retry_after)
        deliveries.again(connection, turn.delivery_id, result, delay=delay)
    else:
        deliveries.dead(connection, turn.delivery_id, result)
        if webhooks.died(connection, target.webhook_id) >= webhook.DEATHS:
            _disable(connection, target, "failing")


def _disable(connection: Connection, target: Target, reason: str) -> None:
    if webhooks.disable(connection, target.webhook_id, reason):
        deliveries.bury(connection, target.webhook_id)
        record_event(
            connection,
            None,
            "webhook.changed",
            organization_id=target.organization_id,
            subject={"webhook_id": target.webhook_id},
            said={"state": "disabled", "reason": reason},
        )
