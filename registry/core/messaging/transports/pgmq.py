"""pgmq, on PostgreSQL. Waiting for it is bounded, and who only sends hears nothing.

kombu's client of pgmq bounds only how long it waits for one of its connections. A database that says nothing,
or a lock that somebody holds, would hold it up for hours; and after an absence of the database it would try
anew at ever longer intervals, and be away for as long again.
"""

from __future__ import annotations

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
"""Longest statement, waiting for locks included; each takes milliseconds."""


class Channel(Settling, pgmq.Channel):  # type: ignore[misc]  # kombu has no types
    """kombu's, which forgets what it could not settle."""

    def _maybe_enable_notify(self, queue: str, queue_name: str | None = None) -> None:
        """Declare a queue without listening to it, which kombu's does too. A session that listens and never
        reads, as the beat's, keeps all that was ever said in PostgreSQL's queue of notices, of 8 GB."""
        if queue_name is None:  # it is consumed
            super()._maybe_enable_notify(queue)
        elif self.use_notify:
            throttle = self.notify_throttle_interval_ms
            self.pgmq.enable_notify(queue_name, throttle_interval_ms=throttle)


class Transport(pgmq.Transport):  # type: ignore[misc]  # as above
    """kombu's, with these channels and with connections that wait for nothing for long."""

    Channel = Channel
    connection_errors = (*pgmq.Transport.connection_errors, OperationalError)
    """kombu's own too, into which it turns what comes as a channel is opened: a worker ended of it, where the
    database went between its connection and its channel."""
    _pool: ConnectionPool | None = None
    _notify_waiter: Any = None

    def close_connection(self, connection: Any) -> None:
        """Its pool too."""
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
        given = {"conn_string": options["conn_string"], "vt": options["visibility_timeout"]}
        return PGMQueue(**given, init_extension=False, pool=self._pool)

    def _get_notify_waiter(self) -> Any:
        if self._notify_waiter is None:
            self._notify_waiter = pgmq._NotifyWaiter(self._address())  # noqa: SLF001 - it has no other
        return self._notify_waiter

    def _address(self) -> str:
        told = self.client.transport_options["conn_string"]
        session = f"-c statement_timeout={STATEMENT_MS} -c idle_in_transaction_session_timeout=60000"
        return make_conninfo(told, connect_timeout=CONNECT_SECONDS, options=session, **VANISHED)
