"""pgmq transport (PostgreSQL) with bounded waits. Connections that only send do not listen for notifications.

kombu's client of pgmq limits only the wait for a pooled connection. A silent database or a held lock could
block it for hours. After an outage, its growing retry intervals would double the downtime.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from kombu.exceptions import OperationalError
from kombu.transport import pgmq
from pgmq import PGMQueue
from psycopg.conninfo import make_conninfo
from psycopg_pool import ConnectionPool

from registry.core.database.pool import RECONNECTING, VANISHED
from registry.core.messaging.queues import CONNECT_SECONDS
from registry.core.messaging.transports import Settling

STATEMENT_MS: Final = 10_000
"""Longest statement in ms, with lock waits; each normally takes milliseconds."""
IDLE_SECONDS: Final = 1.0
"""Longest time between two looks for messages of a worker that waits for work. A notification ends it."""


class Channel(Settling, pgmq.Channel):  # type: ignore[misc]  # kombu has no types
    """kombu's channel with the fix for failed acknowledgements. Each that is settled ends
    the wait of `Transport.drain_events`."""

    @contextmanager
    def _settled(self, tag: str) -> Iterator[None]:
        try:
            with super()._settled(tag):
                yield
        finally:
            self.connection.settled.set()

    def _maybe_enable_notify(self, queue: str, queue_name: str | None = None) -> None:
        """Enable notifications of a queue. Unlike kombu, do not listen on queues that are only declared. A
        session that listens and never reads, such as beat's, fills PostgreSQL's 8 GB notification queue."""
        if queue_name is None:  # the queue is consumed
            super()._maybe_enable_notify(queue)
        elif self.use_notify:
            throttle = self.notify_throttle_interval_ms
            self.pgmq.enable_notify(queue_name, throttle_interval_ms=throttle)


class Transport(pgmq.Transport):  # type: ignore[misc]  # as above
    """kombu's transport with these channels and with connections whose waits are bounded."""

    Channel = Channel
    connection_errors = (*pgmq.Transport.connection_errors, OperationalError)
    """Includes kombu's own `OperationalError`, which it raises for errors while a channel is opened. Without
    it, a worker ended when the database went away between connection and channel."""
    _pool: ConnectionPool | None = None
    _notify_waiter: Any = None
    _delivered = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.settled = threading.Event()
        """Set when a message was acknowledged or rejected."""

    def drain_events(self, connection: Any, timeout: float | None = None) -> None:
        """Deliver a message. Look for it less often where none was delivered lately: five idle workers asked
        the database twenty times a second.

        No notification tells of a message that was sent within milliseconds of the one before. A worker that
        has as many messages as it may have waits until one is settled.

        Raises `TimeoutError` where none is delivered, and the errors of a connection that was lost.
        """
        usual: float = self.client.transport_options["polling_interval"]
        self.settled.clear()
        full = not all(channel.qos.can_consume() for channel in self.channels)
        if full and not self.settled.wait(usual if timeout is None else min(usual, timeout)):
            self._hear()
            raise TimeoutError
        self.polling_interval = usual if full or self._delivered else IDLE_SECONDS
        self._delivered = False
        super().drain_events(connection, timeout=timeout)
        self._delivered = True

    def _hear(self) -> None:
        """Read notifications. Raises `OperationalError` if the session that listens has ended."""
        waiter = self._get_notify_waiter()
        waiter.wait(0)
        if waiter._channels and waiter._conn is None:  # noqa: SLF001 - its `wait` raises nothing then
            raise OperationalError("The session that listens has ended.")

    def close_connection(self, connection: Any) -> None:
        """Also close the connection pool."""
        try:
            super().close_connection(connection)
        finally:
            pool, self._pool = self._pool, None
            if pool is not None:
                pool.close()

    def _create_pgmq_client(self) -> PGMQueue:
        options = self.client.transport_options
        self._pool = ConnectionPool(
            self._address(),
            min_size=1,
            max_size=options["pool_size"],
            timeout=options["pool_timeout"],
            reconnect_timeout=RECONNECTING,
            open=True,
        )
        arguments = {"conn_string": options["conn_string"], "vt": options["visibility_timeout"]}
        return PGMQueue(**arguments, init_extension=False, pool=self._pool)

    def _get_notify_waiter(self) -> Any:
        if self._notify_waiter is None:
            self._notify_waiter = pgmq._NotifyWaiter(self._address())  # noqa: SLF001 - no public name
        return self._notify_waiter

    def _address(self) -> str:
        address = self.client.transport_options["conn_string"]
        session = f"-c statement_timeout={STATEMENT_MS} -c idle_in_transaction_session_timeout=60000"
        own = {"application_name": "fakeprint-queue", "options": session}
        return make_conninfo(address, connect_timeout=CONNECT_SECONDS, **own, **VANISHED)
