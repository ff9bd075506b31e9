"""Celery's configuration and the set-up of the broker.

Tasks are referred to by name only, so that the API never imports a worker.
"""

from __future__ import annotations

from typing import Any, Final

import psycopg

from registry.core.errors import NotInstalled, Unavailable
from registry.core.errors.messaging import BrokerUnavailable
from registry.core.messaging import queues, transports
from registry.core.messaging.queues import CONNECT_SECONDS
from registry.core.settings import Settings

SOFT_SHARE: Final = 0.95
LOST_SECONDS: Final = 1.0
"""Seconds to wait for the last result of a killed pool process. Until then its place in the pool stays taken.
Celery's default is 10. A message that is delivered again does nothing if its job is done."""
INSTALL_LOCK: Final = 0x706D6771  # "pgmq"

_BEAT: Final[dict[str, dict[str, Any]]] = {
    # These run on the default queue, `control`. Messages that waited too long expire: the next one does the
    # work.
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
        "task": "fakeprint.drain_dead_messages",
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
    "dispatch-events": {
        "task": "fakeprint.dispatch_events",
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
    "count-lookups": {
        "task": "fakeprint.count_lookups",
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
    "sweep-previews": {
        "task": "fakeprint.sweep_previews",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "outdate-relatives": {
        "task": "fakeprint.outdate_relatives",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
}


def _delivery_schedule(url: str) -> dict[str, dict[str, Any]]:
    """Return the schedule of tasks on the delivery queue. A slow time-stamping authority or mail server must
    not delay the tasks that run each second."""
    options = {"expires": 30, "queue": queues.named(url, queues.DELIVERY)}
    return {
        "stamp-ledger": {"task": "fakeprint.stamp_ledger", "schedule": 15.0, "options": options},
        "send-digests": {"task": "fakeprint.send_digests", "schedule": 60.0, "options": options},
    }


def celery_config(settings: Settings) -> dict[str, Any]:
    """Return Celery's settings for the configured broker (pgmq, RabbitMQ or Redis). Raises `BadInput`
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
        "worker_lost_wait": LOST_SECONDS,
        "worker_enable_remote_control": False,  # pgmq has no broadcast queues with generated names
        "worker_send_task_events": False,
        "worker_detect_quorum_queues": True,
        "worker_cancel_long_running_tasks_on_connection_loss": False,  # the lease decides, not the broker
        "worker_hijack_root_logger": False,
        "worker_redirect_stdouts": False,
        "beat_schedule": _BEAT | _delivery_schedule(url),
        "beat_scheduler": "workers.runtime.beat:Scheduler",
        "beat_max_loop_interval": 1,
    }


def prepare(settings: Settings) -> list[str]:
    """Install what the broker needs, and return the names of what was installed. Only pgmq needs something:
    its SQL, once.

    Raises `Unavailable` (code `broker_unavailable`) if its database does not answer.
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
            row = connection.execute("SELECT to_regclass('pgmq.meta') IS NOT NULL").fetchone()
            if row and row[0]:
                return []
            return [f"pgmq {install_pgmq_from_sql(conn=connection)}"]
    except psycopg.OperationalError as error:
        raise unavailable(error) from error


def unavailable(reason: object) -> Unavailable:
    """Return the error for an unreachable broker."""
    lines = str(reason).strip().splitlines()
    return BrokerUnavailable(f"The broker cannot be reached: {lines[0] if lines else type(reason).__name__}.")
