"""Tell the workers what was committed."""

from __future__ import annotations

import logging
import time
from typing import Final

from registry.core import tracing
from registry.core.errors import Unavailable
from registry.core.service import Service
from registry.jobs.store import jobs

log = logging.getLogger(__name__)

LONGEST: Final = 5.0
"""Seconds after which no further message is begun: the rows are locked meanwhile, a request may wait, and a
transaction in which nothing happens for a minute is ended."""


def relay_outbox(service: Service, *, limit: int = 100, wary: bool = False) -> int:
    """Publish the oldest messages of the outbox and drop them; how many. A slow broker gets fewer at once;
    `wary`: none for queues of which it took nothing lately.

    A message is published before its row is dropped: after a crash between the two it is published
    again, which is harmless, since a job is claimed once. Raises `Unavailable` where the broker is away or
    takes no more; what it has taken by then is dropped. A queue that takes nothing holds up no other.
    """
    published: list[int] = []
    held = set(service.publisher.held(wary=wary))
    away: Unavailable | None = None
    until = time.monotonic() + LONGEST
    with service.pool.transaction() as connection:
        for message in jobs.take_messages(connection, limit, held=sorted(held)):
            if time.monotonic() > until:
                break
            if message.queue in held:
                continue
            try:
                with tracing.span(f"publish {message.task}", kind="producer", parent=message.traceparent):
                    service.publisher.publish(message.task, message.queue, message.job_id)
            except Unavailable as error:
                away = error  # raised after the commit: within it what was sent would be sent again
                if error.code != "queue_unavailable":
                    break
                held.add(message.queue)
                continue
            published.append(message.outbox_id)
        if published:
            jobs.drop_messages(connection, published)
    if away is not None:
        raise away
    return len(published)


def wake_workers(service: Service) -> None:
    """Relay right after a commit, so that nobody waits for the beat; a broker that is away is only logged,
    for the outbox keeps the messages."""
    try:
        relay_outbox(service, wary=True)
    except Unavailable as error:
        log.warning("messages stay in the outbox: %s", error.message)
