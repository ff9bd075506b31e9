"""Work that waits: admitted, recorded in the outbox, published."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, field
from functools import cache
from typing import Final, Literal

from registry.core import tracing
from registry.core.database.pool import Connection
from registry.core.errors import Unavailable
from registry.core.messaging.publisher import DeadMessage
from registry.core.service import Service
from registry.core.settings import Settings
from registry.jobs.model import lease
from registry.jobs.model.capacity import Bounds, is_full
from registry.jobs.store import jobs, work_times
from registry.jobs.store.work_times import Outcome

log = logging.getLogger(__name__)


def record_work(service: Service, task: str, outcome: Outcome, seconds: float) -> None:
    """For the metrics, in a transaction of its own, so that no job waits for another's commit. Where the
    database is away it is not counted."""
    try:
        with service.pool.transaction() as connection:
            work_times.add(connection, task, outcome, seconds)
    except Unavailable as error:
        log.debug("the job's time was not counted: %s", error.message)


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


Kind = Literal["lookups", "registrations"]

FRESH_SECONDS: Final = 1.0
"""How long a process believes what it last counted: by so much more may come in."""
_QUEUES: Final[dict[Kind, tuple[str, ...]]] = {
    "lookups": ("interactive",),
    "registrations": ("media", "bulk"),
}
_AGED: Final[dict[Kind, str]] = {"lookups": "interactive", "registrations": "media"}
"""Where waiting long says that there are too few workers; bulk work may wait."""
_SAID: Final[dict[Kind, str]] = {
    "lookups": "files to be looked up",
    "registrations": "media to be registered",
}


def admit_work(service: Service, kind: Kind) -> None:
    """Raise `Unavailable` (`queue_full`, with `retry_after` in seconds) where as much waits as may, or for as
    long. What needs no worker (documents, hashes, digests) is not asked for.

    Counted in the database, where the work is: the broker holds wake-up calls alone.
    """
    gauge = _gauge(service.settings.database_url, kind)
    bounds = _bounds(service.settings, kind)
    # One counts; who comes meanwhile goes by the last count, lest all wait in a row for a slow database.
    if time.monotonic() >= gauge.stale_at and gauge.lock.acquire(blocking=False):
        try:
            with service.pool.transaction() as connection:
                count, oldest = jobs.pressure(connection, _QUEUES[kind], _AGED[kind], most=bounds.jobs)
            gauge.full = is_full(bounds, jobs=count, oldest=oldest, was=gauge.full)
            gauge.stale_at = time.monotonic() + FRESH_SECONDS
        finally:
            gauge.lock.release()
    if gauge.full:
        raise Unavailable(
            f"There is no room for more {_SAID[kind]}: the workers have to catch up.",
            code="queue_full",
            next_step=f"Send it again in {bounds.retry_after} s (Retry-After), or its fingerprint document.",
            extra={"retry_after": bounds.retry_after},
        )


@dataclass(slots=True)
class _Gauge:
    """What a process last counted."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    stale_at: float = 0.0
    full: bool = False


@cache
def _gauge(_database_url: str, _kind: Kind) -> _Gauge:
    return _Gauge()


def _bounds(settings: Settings, kind: Kind) -> Bounds:
    if kind == "lookups":
        return Bounds(settings.most_lookups, settings.lookup_wait, 5)
    return Bounds(settings.most_registrations, settings.registration_wait, 15)


PAUSE_SECONDS: Final = lease.MISSED * lease.LONGEST_PAUSE
"""In which a worker that lives may miss as many renewals as one that is gone."""
SETTLES_SECONDS: Final = 10.0
"""After a pause: until then whoever lives has renewed its lease."""


def note_pause(service: Service) -> None:
    """Note that the database takes writes. Whoever sweeps says so as often as workers renew their leases, and
    whatever else it does meanwhile: then a pause is one of the database, or of the way to it, and not of long
    work. Raises `Unavailable`."""
    with service.pool.transaction() as connection:
        is_steady(connection)


def is_steady(connection: Connection) -> bool:
    """Whether it has taken writes for a while, without a pause and as the same server; noted too."""
    return jobs.swept(connection, pause=PAUSE_SECONDS, settles=SETTLES_SECONDS)


GIVEN_UP: Final = "message_given_up"
EXPIRED: Final = "expired"
"""RabbitMQ's reason for a message that nobody took in time. The beat's are meant to: the next one does their
work, and a worker that was away for a night would be told of thousands."""


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
