"""Tell the workers what was committed."""

from __future__ import annotations

import logging

from registry import tracing
from registry.actions.service import Service
from registry.errors import Unavailable
from registry.store import jobs

log = logging.getLogger(__name__)


def relay_outbox(service: Service, *, limit: int = 100) -> int:
    """Publish the oldest messages of the outbox and drop them; how many.

    A message is published before its row is dropped: after a crash between the two it is published
    again, which is harmless, since a job is claimed once. Raises `Unavailable` where the broker is away.
    """
    with service.pool.transaction() as connection:
        messages = jobs.take_messages(connection, limit)
        published: list[int] = []
        try:
            for message in messages:
                with tracing.span(f"publish {message.task}", kind="producer", parent=message.traceparent):
                    service.publisher.publish(message.task, message.queue, message.job_id)
                published.append(message.outbox_id)
        finally:
            if published:
                jobs.drop_messages(connection, published)
    return len(published)


def wake_workers(service: Service) -> None:
    """Relay right after a commit, so that nobody waits for the beat; a broker that is away is only logged,
    for the outbox keeps the messages."""
    try:
        relay_outbox(service)
    except Unavailable as error:
        log.warning("messages stay in the outbox: %s", error.message)
