"""Queues by kind of work, and the options of the three brokers.

The database holds the state, and a message only wakes a worker. So messages are few and small, are never lost
for long, and may arrive twice.
"""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlsplit

from kombu import Exchange, Queue
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from registry.core.errors.messaging import BadBrokerUrl
from registry.core.messaging import broker_tls
from registry.core.settings import Settings

INTERACTIVE: Final = "interactive"
MEDIA: Final = "media"
BULK: Final = "bulk"
CONTROL: Final = "control"
DELIVERY: Final = "delivery"
NAMES: Final = (INTERACTIVE, MEDIA, BULK, CONTROL, DELIVERY)
"""Kinds of work, most urgent first. Each kind has its own queue and workers, because one of the three brokers
has no priorities."""
DEAD: Final = "fakeprint.dead"
"""RabbitMQ's dead-letter queue: messages without a known task (`rejected`), or returned too often."""
DELIVERY_LIMIT: Final = 10
"""How often RabbitMQ delivers a message whose worker dies. A job has fewer attempts, counted by its
leases."""
HOLD_MS: Final = 24 * 3600 * 1000
"""Milliseconds for which RabbitMQ lets a worker hold a message. The default of 30 minutes is too short for a
long video. Arguments of a queue cannot follow a setting, so this exceeds what any task needs."""

CONNECT_SECONDS: Final = 4
"""Seconds to wait for a connection to a broker."""
GRACE_SECONDS: Final = 60
"""Seconds beyond the task time limit for which a message stays invisible (Redis, pgmq)."""


def broker_url(settings: Settings) -> str:
    """Return the broker's address without its TLS parameters (see `tls`). Default: `pgmq://` on the database.

    Raises `BadInput` (code `bad_broker_url`) for an unsupported broker.
    """
    url = settings.broker_url or "pgmq://"
    if scheme(url) not in _OPTIONS:
        raise BadBrokerUrl(
            f"The broker {scheme(url) or url!r} is not supported.",
            next_step="Set FAKEPRINT_BROKER_URL to amqp://…, redis://… or pgmq://…, or leave it empty.",
        )
    if scheme(url) != "pgmq":
        return broker_tls.bare(url)
    # pgmq's real address is in its options (`pgmq_database`), because kombu's parser cannot read socket
    # folders. This address is for the log.
    database = conninfo_to_dict(pgmq_database(settings))
    host = str(database.get("host") or "localhost")
    return f"pgmq://{'localhost' if host.startswith('/') else host}/{database.get('dbname') or ''}"


def tls(settings: Settings) -> dict[str, Any]:
    """Return kombu's `ssl` options for this broker, empty without TLS. Raises `BadInput`
    (`bad_broker_url`)."""
    return broker_tls.options(settings.broker_url)


def scheme(url: str) -> str:
    """Return the broker's kind: `pgmq`, `amqp`, `amqps`, `redis`, `rediss`."""
    return urlsplit(url).scheme


def named(url: str, kind: str) -> str:
    """Return the broker's queue name for a kind of work. On RabbitMQ names begin with `fakeprint.`, because
    queues of earlier versions have other arguments and both exist during an upgrade."""
    return f"fakeprint.{kind}" if scheme(url).startswith("amqp") else kind


def kind(name: str) -> str:
    """Return the kind of work of a queue name, for any broker."""
    return name.removeprefix("fakeprint.")


def queues(url: str) -> list[Queue]:
    """Return the queue declarations. Workers and publishers must use the same ones, else RabbitMQ refuses the
    second declaration."""
    arguments = _QUORUM if scheme(url).startswith("amqp") else None
    names = [named(url, kind) for kind in NAMES]
    return [Queue(name, Exchange(name), routing_key=name, queue_arguments=arguments) for name in names]


def dead() -> Queue:
    """Return RabbitMQ's dead-letter queue, reached over the default exchange."""
    return Queue(DEAD, Exchange(""), routing_key=DEAD, queue_arguments={"x-queue-type": "quorum"})


_QUORUM: Final = {
    "x-queue-type": "quorum",
    "x-delivery-limit": DELIVERY_LIMIT,
    "x-dead-letter-exchange": "",
    "x-dead-letter-routing-key": DEAD,
    # The dead-letter queue confirms a message before it leaves this queue. RabbitMQ supports that only for
    # queues that reject messages when full.
    "x-dead-letter-strategy": "at-least-once",
    "x-overflow": "reject-publish",
    "x-consumer-timeout": HOLD_MS,
}


def transport_options(settings: Settings) -> dict[str, Any]:
    """Return kombu's options for the configured broker."""
    return _OPTIONS[scheme(broker_url(settings))](settings)


def pgmq_database(settings: Settings) -> str:
    """Return libpq's `key=value` connection string of the database that holds the pgmq queues.

    kombu's client reads only five keys and quotes none; a URL with `?host=/socket` would lose its host. So
    TLS is configured by libpq's environment (PGSSLMODE, PGSSLROOTCERT). Raises `BadInput` (`bad_broker_url`)
    for several hosts.
    """
    url = settings.broker_url.replace("pgmq://", "postgresql://", 1) if settings.broker_url else ""
    if not url.removeprefix("postgresql://"):
        url = settings.database_url
    keys = conninfo_to_dict(url)
    if "," in str(keys.get("host") or ""):
        raise BadBrokerUrl(
            "The broker on PostgreSQL supports one host. Of several, it cannot tell which is the primary.",
            next_step="With several hosts in FAKEPRINT_DATABASE_URL set FAKEPRINT_BROKER_URL to amqp://… or "
            "redis://….",
        )
    return make_conninfo("", **{k: v for k, v in keys.items() if k in _PGMQ_KEYS})


_PGMQ_KEYS: Final = ("host", "port", "dbname", "user", "password")


def _pgmq(settings: Settings) -> dict[str, Any]:
    return {
        "conn_string": pgmq_database(settings),
        "init_extension": False,  # `prepare` runs the SQL of the package; no extension is needed
        "visibility_timeout": settings.task_time_limit + GRACE_SECONDS,
        # Long polling would delay the other queues of a worker; NOTIFY wakes it instead.
        "wait_time_seconds": 0,
        "polling_interval": 0.25,
        "use_notify": True,
        "notify_throttle_interval_ms": 20,
        "pool_size": 2,
        "pool_timeout": CONNECT_SECONDS,
    }


def _amqp(_settings: Settings) -> dict[str, Any]:
    return {"confirm_publish": True}


def _redis(settings: Settings) -> dict[str, Any]:
    return {
        "visibility_timeout": settings.task_time_limit + GRACE_SECONDS,
        # A killed worker's messages come back 12 s after their timeout instead of 102 s.
        "unacked_restore_interval": 2,
        "unacked_restore_throttle": 1,
        "socket_connect_timeout": CONNECT_SECONDS,
        # For one answer. Blocking reads for messages start only once data is there.
        "socket_timeout": 10,
        "socket_keepalive": True,
        "health_check_interval": 25,
    }


_OPTIONS: Final = {"pgmq": _pgmq, "amqp": _amqp, "amqps": _amqp, "redis": _redis, "rediss": _redis}
