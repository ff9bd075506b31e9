"""The publisher sends task messages to workers, in bounded time."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from math import inf
from typing import Any, Final
from uuid import UUID

import orjson
import psycopg
from amqp.exceptions import MessageNacked
from celery import Celery
from kombu import Connection, Producer, Queue
from kombu.exceptions import KombuError

from registry.core.errors import NotInstalled, Unavailable
from registry.core.errors.messaging import QueueUnavailable
from registry.core.messaging import queues
from registry.core.messaging.broker import celery_config, unavailable
from registry.core.messaging.queues import CONNECT_SECONDS
from registry.core.settings import Settings

PAUSE_SECONDS: Final = 2.0
"""Seconds for which a broker that did not answer, or a queue that refused a message, is not tried again."""
LONGEST_PAUSE: Final = 16.0
"""Longest pause of a queue; pauses double up to it. An attempt blocks the caller and all other threads of the
process."""
WARY_SECONDS: Final = 60.0
"""Seconds after a pause during which the queue counts as doubtful. API processes then leave the attempt to
the relay."""
IDLE_SECONDS: Final = 30.0
"""A connection idle for this many seconds may have been cut without notice."""


@dataclass(frozen=True, slots=True)
class DeadMessage:
    """A dead letter of RabbitMQ. `reason`: `rejected` (the worker's version has no such task),
    `delivery_limit` (its worker died each time) or another of RabbitMQ's reasons; empty if unknown."""

    job_id: UUID | None
    task: str
    reason: str

    @classmethod
    def of(cls, headers: Mapping[str, Any] | None, body: object) -> DeadMessage:
        """Build it from a message's headers and body, which are untrusted."""
        fields = headers or {}
        deaths = fields.get("x-death") or [{}]
        return cls(_job_id(body), str(fields.get("task", ""))[:100], str(deaths[0].get("reason", "")))


def _job_id(body: object) -> UUID | None:
    """Return the only argument of our tasks, the job id, or None."""
    try:
        return UUID(orjson.loads(body)[0][0])  # type: ignore[arg-type]  # untrusted input
    except (ValueError, TypeError, LookupError, AttributeError):
        return None


@dataclass(frozen=True, slots=True)
class _Hold:
    """A pause of a queue: its length in seconds and its end by the monotonic clock."""

    seconds: float
    until: float


class Publisher:
    """Sends messages about new jobs. Threads of a process share one connection; it is reopened after a fork.

    An unreachable broker costs a few seconds once, then nothing for `PAUSE_SECONDS`. Requests need not wait,
    because the outbox keeps the message. A single queue that refuses messages (RabbitMQ's queue without a
    leader, or a full one) is paused alone; the other queues continue.
    """

    def __init__(self, settings: Settings) -> None:
        self._url = queues.broker_url(settings)
        options = queues.transport_options(settings) | _publishing(self._url)
        self._app = Celery("fakeprint", set_as_current=False)
        self._app.conf.update(celery_config(settings), broker_transport_options=options)
        self._errors = _errors(self._app.connection_for_write())
        self._start_anew()

    def publish(self, task: str, queue: str, job_id: UUID) -> None:
        """Send the task of a job to a queue. Returns once the broker has the message.

        Raises `Unavailable`: `broker_unavailable`, or `queue_unavailable` if only this queue refuses
        messages.
        """
        self._send(task, [str(job_id)], queue, {})

    def tick(self, task: str, queue: str, *, expires: float) -> None:
        """Send a periodic task to a queue. Workers skip it after `expires` seconds. Raises like `publish`."""
        self._send(task, [], queue, {"expires": expires})

    def held(self, *, wary: bool = False) -> list[str]:
        """Return the queues that recently refused a message and are paused. `wary`: all queues that are still
        doubtful."""
        now = time.monotonic() - (WARY_SECONDS if wary else 0)
        return [queue for queue, hold in list(self._holds.items()) if now < hold.until]

    def ping(self) -> None:
        """Check that the broker answers. Raises `Unavailable` (code `broker_unavailable`)."""

        def declare(producer: Producer) -> None:
            queue: Queue = self._app.amqp.queues[queues.named(self._url, queues.CONTROL)]
            queue(producer.channel).declare()

        self._talk(declare)

    def waiting(self, kind: str) -> int:
        """Return how many messages of the queue for a kind of work are not yet assigned to a worker. Raises
        `Unavailable` (code `broker_unavailable`)."""
        messages = 0

        def count(producer: Producer) -> None:
            nonlocal messages
            queue: Queue = self._app.amqp.queues[queues.named(self._url, kind)]
            messages = int(queue(producer.channel).queue_declare().message_count)

        self._talk(count)
        return messages

    def drain(self, save: Callable[[DeadMessage], None], *, limit: int = 500) -> None:
        """Pass up to `limit` of RabbitMQ's dead letters to `save` and delete each after `save` returned.
        Other brokers have no dead letters. A separate connection is used, so that trouble with this queue
        does not delay publishing.

        Raises `Unavailable` (code `broker_unavailable`) and what `save` raises; that message then stays.
        """
        if not queues.scheme(self._url).startswith("amqp"):
            return
        connection = self._app.connection_for_write()
        try:
            queue: Queue = queues.dead()(connection.default_channel)
            queue.queue_declare()
            for _ in range(limit):
                message = queue.get(no_ack=False)
                if message is None:
                    return
                save(DeadMessage.of(message.headers, message.body))
                message.ack()
        except self._errors as error:
            raise unavailable(error) from error
        finally:
            with suppress(*self._errors):
                connection.release()

    def close(self) -> None:
        """Close the connection. The next call opens a new one."""
        if os.getpid() == self._pid:
            with self._lock:
                self._drop()

    def _start_anew(self) -> None:
        self._pid = os.getpid()
        self._lock = threading.Lock()
        self._connection: Connection | None = None
        self._paused_until = 0.0
        self._holds: dict[str, _Hold] = {}
        self._refused: set[str] = set()  # queues that began to refuse since any queue accepted one
        self._heard = -inf

    def _send(self, task: str, arguments: list[str], queue: str, options: Mapping[str, Any]) -> None:
        def send(producer: Producer) -> None:
            self._app.send_task(
                task,
                arguments,
                queue=queues.named(self._url, queue),
                producer=producer,
                retry=False,
                confirm_timeout=CONNECT_SECONDS,
                add_to_parent=False,
                **options,
            )

        self._talk(send, queue)

    def _talk(self, send: Callable[[Producer], None], queue: str | None = None) -> None:
        if os.getpid() != self._pid:
            self._start_anew()  # drop the parent's connection without closing it: the parent still uses it
        with self._lock:
            if time.monotonic() < self._paused_until:
                raise unavailable("it did not answer a moment ago")
            if queue is not None and queue in self.held():
                raise _queue_unavailable(queue, "it refused one a moment ago")
            # An idle connection may have been cut by a restart of the broker. Retry once on a new one.
            for last in (self._connection is None, True):
                try:
                    send(self._producer())
                except self._errors as error:
                    refusal = self._refusal(error)
                    if queue and refusal and (last or time.monotonic() < self._heard + IDLE_SECONDS):
                        self._hold(queue)
                        raise _queue_unavailable(queue, refusal) from error
                    self._drop()
                    if last:
                        self._paused_until = time.monotonic() + PAUSE_SECONDS
                        raise unavailable(error) from error
                else:
                    self._heard = time.monotonic()
                    if queue:
                        self._holds.pop(queue, None)
                        self._refused.clear()
                    return

    def _refusal(self, error: BaseException) -> str:
        """Return how a reachable broker refused a message, or an empty string for other errors. The
        connection is closed, so the next one declares the queue again."""
        cause, connection = error.__cause__ or error, self._connection  # kombu's errors wrap the client's
        if isinstance(cause, MessageNacked):
            self._heard = time.monotonic()
            refusal = "it refused a message"
        elif isinstance(cause, TimeoutError) and cause.errno is None:  # with errno the kernel gave up
            refusal = f"it did not confirm a message within {CONNECT_SECONDS} s"
        else:
            return ""
        if connection is None or not connection.connected:
            return ""
        with suppress(AttributeError):  # close amqp's socket without waiting for the broker or for TLS
            transport = connection.connection.transport
            socket, transport.sock = transport.sock, None
            socket.close()
            connection.connection.collect()
        self._drop()
        return refusal

    def _hold(self, queue: str) -> None:
        before = self._holds.get(queue) if queue in self.held(wary=True) else None
        seconds = min(2 * before.seconds, LONGEST_PAUSE) if before else PAUSE_SECONDS
        self._holds[queue] = _Hold(seconds, time.monotonic() + seconds)
        if not before:
            self._refused.add(queue)
        if len(self._refused) > 1:  # several queues refuse: the broker itself has a problem
            self._paused_until = time.monotonic() + PAUSE_SECONDS

    def _producer(self) -> Producer:
        if self._connection is None:
            if database := self._app.conf.broker_transport_options.get("conn_string"):
                # kombu's pool would keep retrying in its own threads after it has given up.
                psycopg.connect(database, connect_timeout=CONNECT_SECONDS).close()
            self._connection = self._app.connection_for_write()
        return Producer(self._connection, auto_declare=False)

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(*self._errors):
                connection.release()


def _errors(connection: Connection) -> tuple[type[BaseException], ...]:
    """Return the exceptions that the broker's client raises if the broker is away. Raises `NotInstalled`
    without that client."""
    try:
        client_errors = (*connection.connection_errors, *connection.channel_errors)
    except ImportError as error:
        raise NotInstalled(
            f"The client of the broker is not installed ({error}).",
            next_step="Install fakeprint[redis] for redis://, fakeprint[embedded] for pgmq://.",
        ) from error
    return (*client_errors, KombuError, MessageNacked, psycopg.Error, OSError)


def _publishing(url: str) -> dict[str, Any]:
    """Return options that limit how long a publisher waits."""
    bounds: dict[str, Any] = {
        "max_retries": 1,
        "interval_start": 0.1,
        "interval_step": 0,
        "interval_max": 0.1,
    }
    match queues.scheme(url):
        case "pgmq":
            return bounds | {"use_notify": False, "pool_size": 1}
        case "redis" | "rediss":
            return bounds | {"socket_timeout": CONNECT_SECONDS}
        case _:
            return bounds | {"read_timeout": CONNECT_SECONDS, "write_timeout": CONNECT_SECONDS}


def _queue_unavailable(queue: str, reason: str) -> Unavailable:
    return QueueUnavailable(f"The broker refuses messages for the queue {queue}: {reason}.")
