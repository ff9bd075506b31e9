"""Common steps of webhook tests: record events, create messages, act as a worker."""

from __future__ import annotations

import json
from uuid import UUID

from registry.core.audit.service import record_event
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.jobs.service.jobs import claim_job
from registry.sharing.webhooks.schemas import Webhook
from registry.sharing.webhooks.service.deliveries import deliver_messages, list_deliveries
from registry.sharing.webhooks.service.events import dispatch_events
from tests.support.service.fixtures import Recorder
from tests.support.service.rows import write
from tests.support.steps import unwatched
from tests.support.takedown.endpoints import Endpoint


def happen(service: Service, caller: Caller, *numbers: int, kind: str = "entry.changed") -> None:
    """Record one event for each number, each in its own commit."""
    for number in numbers:
        with service.pool.transaction() as connection:
            record_event(connection, caller, kind, said={"number": number})


def work(service: Service, recorder: Recorder) -> int:
    """Do the queued jobs until none is left. Return how many were done."""
    done = 0
    while recorder.sent:
        task, queue, job_id = recorder.sent.pop(0)
        assert (task, queue) == ("fakeprint.deliver_messages", "delivery")
        if (job := claim_job(service, job_id)) is not None:
            deliver_messages(service, job, unwatched)
            done += 1
    return done


def go_on(service: Service, recorder: Recorder) -> None:
    """End all waits, process events and send messages."""
    with service.pool.transaction() as connection:
        connection.execute("UPDATE webhook_delivery SET next_at = now() WHERE status = 'waiting'")
    dispatch_events(service)
    work(service, recorder)


def numbers(there: Endpoint) -> list[int]:
    found = [json.loads(body) for body in there.bodies()]
    return [body["data"]["said"]["number"] for body in found if body["type"] == "entry.changed"]


def statuses(service: Service, caller: Caller, made: Webhook) -> list[tuple[str, str | None, int]]:
    """Return status, outcome and attempts of each message, oldest first."""
    page = list_deliveries(service, caller, UUID(made.webhook_id)).deliveries
    return [(delivery.status, delivery.outcome, delivery.attempts) for delivery in reversed(page)]


def date_messages(service: Service, *, years: int, waiting: bool = False) -> None:
    """Let messages have been planned by a clock that is so many years ahead. `waiting`: only those that
    wait."""
    write(
        service,
        "UPDATE webhook_delivery SET next_at = now() + make_interval(years => %(years)s),"
        " created_at = now() + make_interval(years => %(years)s) WHERE status = 'waiting' OR NOT %(waiting)s",
        years=years,
        waiting=waiting,
    )


def end_waits(service: Service) -> None:
    """Make all messages due."""
    write(service, "UPDATE webhook_delivery SET next_at = now()")


def let_first_message_age(service: Service) -> None:
    """Let the oldest message have been delivered 31 days ago."""
    write(
        service,
        "UPDATE webhook_delivery SET ended_at = now() - interval '31 days'"
        " WHERE delivery_id = (SELECT min(delivery_id) FROM webhook_delivery)",
    )


def add_ended_messages(service: Service, webhook_id: str) -> None:
    """Add a message that was delivered, and one that was given up after 14 attempts."""
    write(
        service,
        """INSERT INTO webhook_delivery (webhook_id, event_id, kind, body, status, attempts, outcome,
                                         response_code, snippet, took_ms, ended_at)
           VALUES (%(it)s, 1, 'entry.reviewed', NULL, 'delivered', 1, 'delivered', 204, NULL, 41, now()),
                  (%(it)s, 2, 'match.found', '{}', 'dead', 14, 'refused', 500, '<b>out of order</b>', 803,
                   now())""",
        it=webhook_id,
    )


def set_webhook_state(service: Service, state: str, reason: str | None = None) -> None:
    """Set the state of all webhooks."""
    write(service, "UPDATE webhook SET state = %s, reason = %s", state, reason)
