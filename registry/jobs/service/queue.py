"""Waiting work: admission, the outbox and its relay."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, field
from functools import cache
from typing import Final, Literal

from registry.core import tracing
from registry.core.audit.model.event import Actor
from registry.core.database.pool import Connection
from registry.core.errors import Unavailable
from registry.core.messaging.publisher import DeadMessage
from registry.core.service import Service
from registry.core.settings import Settings
from registry.jobs.errors import QueueFull, QueueShareFull
from registry.jobs.model import lease
from registry.jobs.model.capacity import FACTOR, Bounds, Load, is_full, refusal
from registry.jobs.model.metrics import Outcome
from registry.jobs.store import jobs, metrics

log = logging.getLogger(__name__)


def record_work(service: Service, task: str, outcome: Outcome, seconds: float) -> None:
    """Record a job's duration for the metrics, in its own transaction, so that no job waits for another's
    commit. It is not counted if the database is away."""
    try:
        with service.pool.transaction() as connection:
            metrics.add_duration(connection, task, outcome, seconds)
    except Unavailable as error:
        log.debug("the job's time was not counted: %s", error.message)


LONGEST: Final = 5.0
"""Seconds after which the relay begins no further message. Meanwhile rows are locked, a request may wait, and
a transaction idle for a minute is ended."""


def relay_outbox(service: Service, *, limit: int = 100, wary: bool = False) -> int:
    """Publish the oldest messages of the outbox, delete them, and return how many. A slow broker gets fewer.
    `wary`: skip queues that recently refused messages.

    A message is published before its row is deleted. After a crash between the two it is published again,
    which is harmless, because a job is claimed once. Raises `Unavailable` if the broker is away or refuses
    messages; messages sent before that are deleted. A queue that refuses messages does not delay the others.
    """
    published: list[int] = []
    paused = set(service.publisher.held(wary=wary))
    failure: Unavailable | None = None
    until = time.monotonic() + LONGEST
    with service.pool.transaction() as connection:
        for message in jobs.lock_messages(connection, limit, paused=sorted(paused)):
            if time.monotonic() > until:
                break
            if message.queue in paused:
                continue
            try:
                with tracing.span(f"publish {message.task}", kind="producer", parent=message.traceparent):
                    service.publisher.publish(message.task, message.queue, message.job_id)
            except Unavailable as error:
                failure = error  # raised after the commit: a rollback would send the sent messages again
                if error.code != "queue_unavailable":
                    break
                paused.add(message.queue)
                continue
            published.append(message.outbox_id)
        if published:
            jobs.drop_messages(connection, published)
    if failure is not None:
        raise failure
    return len(published)


def wake_workers(service: Service) -> None:
    """Relay messages right after a commit, so that nobody waits for the periodic relay. If the broker is
    away, only log it: the outbox keeps the messages."""
    try:
        relay_outbox(service, wary=True)
    except Unavailable as error:
        log.warning("messages stay in the outbox: %s", error.message)


Kind = Literal["lookups", "registrations", "later"]

FRESH_SECONDS: Final = 1.0
"""Seconds for which a process uses its last count; meanwhile the limit may be exceeded."""
_QUEUES: Final[dict[Kind, tuple[str, ...]]] = {
    "lookups": ("interactive",),
    "registrations": ("media", "bulk"),
    "later": ("bulk",),
}
_AGED: Final[dict[Kind, str]] = {
    "lookups": "interactive",
    "registrations": "media",
    "later": "bulk",
}
"""The queue whose waiting time shows that there are too few workers. Bulk work may wait."""
_NAMES: Final[dict[Kind, str]] = {
    "lookups": "files to look up",
    "registrations": "media to register",
    "later": "files to read later",
}


def admit_work(service: Service, kind: Kind, caller: Actor) -> None:
    """Raise `TooMany` (`queue_share_full`) or `Unavailable` (`queue_full`), with `retry_after` in seconds, if
    too much work waits, or for too long. Whoever has as many jobs as there is room for is refused first, the
    others at twice the limit. Documents, hashes and digests need no worker and are not checked.

    The count comes from the database, which holds the jobs; the broker holds only wake-up messages.
    """
    gauge = _gauge(service.settings.database_url, kind)
    bounds = _bounds(service.settings, kind)
    # One thread counts. Others use the last count, so that they do not all wait for a slow database.
    if time.monotonic() >= gauge.stale_at and gauge.lock.acquire(blocking=False):
        try:
            with service.pool.transaction() as connection:
                load = jobs.load(connection, _QUEUES[kind], _AGED[kind], most=FACTOR * bounds.jobs)
            gauge.full = is_full(bounds, jobs=load.jobs, oldest=load.oldest, was=gauge.full)
            gauge.load = load
            gauge.stale_at = time.monotonic() + FRESH_SECONDS
        finally:
            gauge.lock.release()
    if not gauge.full:
        return
    why = refusal(bounds, gauge.load, caller.caller_id, caller.organization_id)
    if why == "share":
        refused = QueueShareFull(
            f"Too many {_NAMES[kind]} of this caller or its organization wait for the workers.",
            retry_after=bounds.retry_after,
        )
        refused.extra["retry_after"] = bounds.retry_after
        raise refused
    if why == "full":
        raise QueueFull(
            f"Too many {_NAMES[kind]} wait for the workers.",
            next_step=f"Send it again in {bounds.retry_after} s (Retry-After), or its fingerprint document.",
            extra={"retry_after": bounds.retry_after},
        )


@dataclass(slots=True)
class _Gauge:
    """The last count of a process."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    stale_at: float = 0.0
    full: bool = False
    load: Load = field(default_factory=lambda: Load(()))


@cache
def _gauge(_database_url: str, _kind: Kind) -> _Gauge:
    return _Gauge()


def _bounds(settings: Settings, kind: Kind) -> Bounds:
    if kind == "lookups":
        return Bounds(settings.most_lookups, settings.lookup_wait, 5)
    if kind == "later":
        return Bounds(settings.most_lookups, 0, 15)
    return Bounds(settings.most_registrations, settings.registration_wait, 15)


PAUSE_SECONDS: Final = lease.MISSED * lease.LONGEST_PAUSE
"""A pause of the database longer than this, in seconds, makes live workers miss as many renewals as dead
ones."""
SETTLES_SECONDS: Final = 10.0
"""Seconds after a pause by which every live worker has renewed its lease."""


def record_writable(service: Service) -> None:
    """Record that the database accepts writes. The sweeper calls this as often as workers renew their leases,
    whatever else it does. So a gap means that the database or the network paused, not that work took long.
    Raises `Unavailable`."""
    with service.pool.transaction() as connection:
        is_steady(connection)


def is_steady(connection: Connection) -> bool:
    """Record that the database accepts writes, and return whether it has done so without a pause, on the same
    server, for a while."""
    return jobs.record_sweep(connection, pause=PAUSE_SECONDS, settles=SETTLES_SECONDS)


GIVEN_UP: Final = "message_given_up"
EXPIRED: Final = "expired"
"""RabbitMQ's reason for a message that expired. Periodic messages expire by design. A worker that was away
for a night would otherwise log thousands of them."""


def drain_dead_messages(service: Service) -> int:
    """Empty RabbitMQ's dead-letter queue and return how many messages it held. The reason is noted at the
    job, and the sweeper sends the job again as if the message had been lost. A worker that does not know the
    task, or died before it began, does not speak against the job. The job's leases count the workers that it
    kills.

    Raises `Unavailable` (code `broker_unavailable`).
    """
    drained = 0

    def note(message: DeadMessage) -> None:
        nonlocal drained
        drained += 1
        if message.job_id is None and message.reason == EXPIRED:
            return
        waits = False
        if message.job_id is not None:
            text = f"The broker gave up a message ({message.reason or 'no reason'}); the job is sent again."
            with service.pool.transaction() as connection:
                waits = jobs.note(connection, message.job_id, GIVEN_UP, text)
        fields = {"task": message.task, "reason": message.reason, "job_id": message.job_id, "waits": waits}
        log.warning("the broker gave up a message", extra=fields)

    service.publisher.drain(note)
    return drained
