"""Celery's configuration, and the publisher of processes that are no workers.

Tasks are known here by name only, so that the API never imports a worker.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import orjson
import psycopg
from amqp.exceptions import MessageNacked
from celery import Celery
from kombu import Connection, Producer, Queue
from kombu.exceptions import KombuError

from registry import queues, transports
from registry.errors import NotInstalled, Unavailable
from registry.queues import CONNECT_SECONDS
from registry.settings import Settings

SOFT_SHARE: Final = 0.95
PAUSE_SECONDS: Final = 2.0
INSTALL_LOCK: Final = 0x706D6771  # "pgmq"

_BEAT: Final[dict[str, dict[str, Any]]] = {
    # On the default queue, `control`. A message that waited is worth nothing: the next one does its work.
    "relay": {
        "task": "fakeprint.relay",
        "schedule": 1.0,
        "options": {"expires": 3},
    },
    "sweep": {
        "task": "fakeprint.sweep",
        "schedule": 5.0,
        "options": {"expires": 10},
    },
    "hear-broker": {
        "task": "fakeprint.hear_broker",
        "schedule": 30.0,
        "options": {"expires": 30},
    },
    "ask-canaries": {
        "task": "fakeprint.ask_canaries",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "sweep-persons": {
        "task": "fakeprint.sweep_persons",
        "schedule": 15.0,
        "options": {"expires": 30},
    },
    "expire-faces": {
        "task": "fakeprint.expire_faces",
        "schedule": 300.0,
        "options": {"expires": 300},
    },
    "tell-events": {
        "task": "fakeprint.tell_events",
        "schedule": 1.0,
        "options": {"expires": 3},
    },
    "watch-notices": {
        "task": "fakeprint.watch_notices",
        "schedule": 5.0,
        "options": {"expires": 10},
    },
    "sweep-watches": {
        "task": "fakeprint.sweep_watches",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "sweep-webhooks": {
        "task": "fakeprint.sweep_webhooks",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "fetch-due-exchanges": {
        "task": "fakeprint.fetch_due_exchanges",
        "schedule": 30.0,
        "options": {"expires": 60},
    },
    "sweep-stills": {
        "task": "fakeprint.sweep_stills",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "outdate-relatives": {
        "task": "fakeprint.outdate_relatives",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
}


def _elsewhere(url: str) -> dict[str, dict[str, Any]]:
    """What beat sends to another queue: an authority that is slow holds up nothing that comes each second."""
    options = {"expires": 30, "queue": queues.named(url, queues.DELIVERY)}
    return {"stamp-ledger": {"task": "fakeprint.stamp_ledger", "schedule": 15.0, "options": options}}


def celery_config(settings: Settings) -> dict[str, Any]:
    """Celery's settings for the broker of these settings (pgmq, RabbitMQ or Redis). Raises `BadInput`
    (`bad_broker_url`)."""
    transports.register()
    url = queues.broker_url(settings)
    control = queues.named(url, queues.CONTROL)
    return {
        "broker_url": url,
        "broker_use_ssl": queues.tls(settings) or False,
        "broker_transport_options": queues.transport_options(settings),
        "broker_connection_timeout": CONNECT_SECONDS,
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        "broker_heartbeat": 30,
        "result_backend": None,
        "task_ignore_result": True,
        "task_queues": queues.queues(url),
        "task_create_missing_queues": False,
        "task_default_queue": control,
        "task_default_exchange": control,
        "task_default_routing_key": control,
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "task_track_started": False,
        "task_time_limit": settings.task_time_limit,
        "task_soft_time_limit": int(settings.task_time_limit * SOFT_SHARE),
        "task_serializer": "json",
        "accept_content": ["json"],
        "enable_utc": True,
        "timezone": "UTC",
        "worker_prefetch_multiplier": 1,
        "worker_enable_remote_control": False,  # pgmq has no broadcast queues of unbounded names
        "worker_send_task_events": False,
        "worker_detect_quorum_queues": True,
        "worker_cancel_long_running_tasks_on_connection_loss": False,  # the lease decides, not the broker
        "worker_hijack_root_logger": False,
        "worker_redirect_stdouts": False,
        "beat_schedule": _BEAT | _elsewhere(url),
        "beat_scheduler": "celery.beat:Scheduler",  # in memory: nothing here is worth remembering
        "beat_max_loop_interval": 1,
    }


def prepare(settings: Settings) -> list[str]:
    """Make what the broker needs; the names of what was made. Only pgmq needs anything: its SQL, once.

    Raises `Unavailable` (code `broker_unavailable`) where its database does not answer.
    """
    if queues.scheme(queues.broker_url(settings)) != "pgmq":
        return []
    try:
        from pgmq.install import install_pgmq_from_sql  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise NotInstalled(
            "The broker on PostgreSQL is not installed.",
            next_step="Install fakeprint[embedded], or set FAKEPRINT_BROKER_URL to amqp:// or redis://.",
        ) from error
    try:
        with psycopg.connect(queues.pgmq_database(settings), connect_timeout=CONNECT_SECONDS) as connection:
            connection.execute("SELECT pg_advisory_xact_lock(%s)", [INSTALL_LOCK])
            found = connection.execute("SELECT to_regclass('pgmq.meta') IS NOT NULL").fetchone()
            if found and found[0]:
                return []
            return [f"pgmq {install_pgmq_from_sql(conn=connection)}"]
    except psycopg.OperationalError as error:
        raise _unavailable(error) from error


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


class Publisher:
    """Says that a job is there. One connection, shared by the process's threads; made again after a fork.

    An unreachable broker costs a few seconds once and nothing for `PAUSE_SECONDS` after: the outbox keeps
    the message, so a request is not held up for it.
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

        Raises `Unavailable` (code `broker_unavailable`).
        """

        def send(producer: Producer) -> None:
            self._app.send_task(
                task,
                [str(job_id)],
                queue=queues.named(self._url, queue),
                producer=producer,
                retry=False,
                confirm_timeout=CONNECT_SECONDS,
                add_to_parent=False,
            )

        self._talk(send)

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
            raise _unavailable(error) from error
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

    def _talk(self, say: Callable[[Producer], None]) -> None:
        if os.getpid() != self._pid:
            self._start_anew()  # the parent's connection stays the parent's: it is forgotten, not closed
        with self._lock:
            if time.monotonic() < self._paused_until:
                raise _unavailable("it did not answer a moment ago")
            # An idle connection may have been cut by a restart of the broker; a new one tells.
            for last in (self._connection is None, True):
                try:
                    say(self._producer())
                except self._errors as error:
                    self._drop()
                    if last:
                        self._paused_until = time.monotonic() + PAUSE_SECONDS
                        raise _unavailable(error) from error
                else:
                    return

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


def _unavailable(reason: object) -> Unavailable:
    said = str(reason).strip().splitlines()
    return Unavailable(
        f"The broker cannot be reached: {said[0] if said else type(reason).__name__}.",
        code="broker_unavailable",
        next_step="Check FAKEPRINT_BROKER_URL and that the broker is up (pgmq: run `fakeprint migrate`).",
    )
