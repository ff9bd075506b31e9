"""Saying to workers that there is work, in a bounded time."""

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
from registry.core.messaging import queues
from registry.core.messaging.broker import celery_config, unavailable
from registry.core.messaging.queues import CONNECT_SECONDS
from registry.core.settings import Settings

PAUSE_SECONDS: Final = 2.0
"""For so long nobody asks a broker that did not answer, nor for a queue that took nothing."""
LONGEST_PAUSE: Final = 16.0
"""A queue's pauses double up to this: who asks for it waits, and all threads of the process with him."""
WARY_SECONDS: Final = 60.0
"""For so long after a pause the queue is doubtful: who answers people leaves it to the relay to ask."""
IDLE_SECONDS: Final = 30.0
"""A connection on which nothing was heard for so long may have been cut without a word."""


@dataclass(frozen=True, slots=True)
class DeadMessage:
    """A message that RabbitMQ gave up. `reason`: `rejected` (no task of the worker's version),
    `delivery_limit` (its worker died each time), or another of RabbitMQ's; empty where it does not say."""

    job_id: UUID | None
    task: str
    reason: str

    @classmethod
    def of(cls, headers: Mapping[str, Any] | None, body: object) -> DeadMessage:
        """From a message's headers and body, which may be anybody's."""
        given = headers or {}
        deaths = given.get("x-death") or [{}]
        return cls(_job_id(body), str(given.get("task", ""))[:100], str(deaths[0].get("reason", "")))


def _job_id(body: object) -> UUID | None:
    """The one argument of a task of ours."""
    try:
        return UUID(orjson.loads(body)[0][0])  # type: ignore[arg-type]  # whatever it is
    except (ValueError, TypeError, LookupError, AttributeError):
        return None


@dataclass(frozen=True, slots=True)
class _Hold:
    """That nobody asks for a queue: for how many seconds, and until when by the monotonic clock."""

    seconds: float
    until: float


class Publisher:
    """Says that a job is there. One connection, shared by the process's threads; made again after a fork.

    An unreachable broker costs a few seconds once and nothing for `PAUSE_SECONDS` after: the outbox keeps
    the message, so a request is not held up for it. So does a single queue that takes nothing (RabbitMQ's
    without a leader, or full): the others go on meanwhile.
    """

    def __init__(self, settings: Settings) -> None:
        self._url = queues.broker_url(settings)
        options = queues.transport_options(settings) | _publishing(self._url)
        self._app = Celery("fakeprint", set_as_current=False)
        self._app.conf.update(celery_config(settings), broker_transport_options=options)
        self._errors = _errors(self._app.connection_for_write())
        self._start_anew()

    def publish(self, task: str, queue: str, job_id: UUID) -> None:
        """Send task `task` for a job to a queue; returns once the broker has it.

        Raises `Unavailable` (code `broker_unavailable`; `queue_unavailable`: others may take theirs).
        """
        self._send(task, [str(job_id)], queue, {})

    def tick(self, task: str, queue: str, *, expires: float) -> None:
        """Send periodic task `task` to a queue; who takes it more than `expires` seconds later does nothing.
        Raises as `publish`."""
        self._send(task, [], queue, {"expires": expires})

    def held(self, *, wary: bool = False) -> list[str]:
        """The queues that took nothing a moment ago and are not asked yet; `wary`: all that are doubtful."""
        now = time.monotonic() - (WARY_SECONDS if wary else 0)
        return [queue for queue, hold in list(self._holds.items()) if now < hold.until]

    def ping(self) -> None:
        """Ask the broker something that it must answer. Raises `Unavailable` (code `broker_unavailable`)."""

        def declare(producer: Producer) -> None:
            queue: Queue = self._app.amqp.queues[queues.named(self._url, queues.CONTROL)]
            queue(producer.channel).declare()

        self._talk(declare)

    def waiting(self, kind: str) -> int:
        """How many messages the broker holds on the queue for a kind of work that no worker has. Raises
        `Unavailable` (code `broker_unavailable`)."""
        found = 0

        def count(producer: Producer) -> None:
            nonlocal found
            queue: Queue = self._app.amqp.queues[queues.named(self._url, kind)]
            found = int(queue(producer.channel).queue_declare().message_count)

        self._talk(count)
        return found

    def drain(self, keep: Callable[[DeadMessage], None], *, limit: int = 500) -> None:
        """Take what RabbitMQ has given up, `limit` messages at most, and forget each once `keep` has
        returned; other brokers give nothing up. Over a connection of its own: trouble with this queue must
        not hold up what is published.

        Raises `Unavailable` (code `broker_unavailable`), and what `keep` does: then that message stays.
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
                keep(DeadMessage.of(message.headers, message.body))
                message.ack()
        except self._errors as error:
            raise unavailable(error) from error
        finally:
            with suppress(*self._errors):
                connection.release()

    def close(self) -> None:
        """Let the connection go; the next call makes a new one."""
        if os.getpid() == self._pid:
            with self._lock:
                self._drop()

    def _start_anew(self) -> None:
        self._pid = os.getpid()
        self._lock = threading.Lock()
        self._connection: Connection | None = None
        self._paused_until = 0.0
        self._holds: dict[str, _Hold] = {}
        self._refused: set[str] = set()  # the queues that first took nothing since one took something
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

    def _talk(self, say: Callable[[Producer], None], queue: str | None = None) -> None:
        if os.getpid() != self._pid:
            self._start_anew()  # the parent's connection stays the parent's: it is forgotten, not closed
        with self._lock:
            if time.monotonic() < self._paused_until:
                raise unavailable("it did not answer a moment ago")
            if queue is not None and queue in self.held():
                raise _queue_unavailable(queue, "a moment ago it did not")
            # An idle connection may have been cut by a restart of the broker; a new one tells.
            for last in (self._connection is None, True):
                try:
                    say(self._producer())
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
        """How a broker that is there took nothing; empty where the error is another. Its connection is gone
        afterwards: the next one declares the queue again."""
        theirs, connection = error.__cause__ or error, self._connection  # kombu's errors hide the client's
        if isinstance(theirs, MessageNacked):
            self._heard = time.monotonic()
            refusal = "it refused a message"
        elif isinstance(theirs, TimeoutError) and theirs.errno is None:  # with a number the kernel gave it up
            refusal = f"it did not confirm a message within {CONNECT_SECONDS} s"
        else:
            return ""
        if connection is None or not connection.connected:
            return ""
        with suppress(AttributeError):  # amqp's: closed without waiting for the broker, or for its TLS
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
        if len(self._refused) > 1:  # it is not the queue: the broker takes nothing from anybody
            self._paused_until = time.monotonic() + PAUSE_SECONDS

    def _producer(self) -> Producer:
        if self._connection is None:
            if database := self._app.conf.broker_transport_options.get("conn_string"):
                # kombu's pool would go on trying in threads of its own after it has given up.
                psycopg.connect(database, connect_timeout=CONNECT_SECONDS).close()
            self._connection = self._app.connection_for_write()
        return Producer(self._connection, auto_declare=False)

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(*self._errors):
                connection.release()


def _errors(connection: Connection) -> tuple[type[BaseException], ...]:
    """What the broker's client raises when the broker is away. Raises `NotInstalled` without that client."""
    try:
        theirs = (*connection.connection_errors, *connection.channel_errors)
    except ImportError as error:
        raise NotInstalled(
            f"The client of the broker is not installed ({error}).",
            next_step="Install fakeprint[redis] for redis://, fakeprint[embedded] for pgmq://.",
        ) from error
    return (*theirs, KombuError, MessageNacked, psycopg.Error, OSError)


def _publishing(url: str) -> dict[str, Any]:
    """Options that bound how long a publisher waits."""
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
    return Unavailable(
        f"The broker takes nothing for the queue {queue}: {reason}.",
        code="queue_unavailable",
        next_step="If it stays so, see in the runbook how to make RabbitMQ's queue anew; nothing is lost.",
    )
