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
