"""Learn what the broker has given up."""

from __future__ import annotations

import logging
from typing import Final

from registry.core.messaging.publisher import DeadMessage
from registry.core.service import Service
from registry.jobs.store import jobs

GIVEN_UP: Final = "message_given_up"
EXPIRED: Final = "expired"
"""RabbitMQ's reason for a message that nobody took in time. The beat's are meant to: the next one does their
work, and a worker that was away for a night would be told of thousands."""

log = logging.getLogger(__name__)


def hear_broker(service: Service) -> int:
    """Empty RabbitMQ's queue of dead letters; how many there were. The reason stands at the job, which is
    sent again by the sweeper as if the message had been lost: a worker that knows no such task, or died
    before it could begin, says nothing against the job. What kills workers is counted by the job's leases.

    Raises `Unavailable` (code `broker_unavailable`).
    """
    heard = 0

    def keep(message: DeadMessage) -> None:
        nonlocal heard
        heard += 1
        if message.job_id is None and message.reason == EXPIRED:
            return
        waits = False
        if message.job_id is not None:
            said = f"The broker gave a message up ({message.reason or 'no reason'}); the job is sent again."
            with service.pool.transaction() as connection:
                waits = jobs.note(connection, message.job_id, GIVEN_UP, said)
        told = {"task": message.task, "reason": message.reason, "job_id": message.job_id, "waits": waits}
        log.warning("the broker gave a message up", extra=told)

    service.publisher.drain(keep)
    return heard
