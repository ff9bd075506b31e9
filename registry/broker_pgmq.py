"""kombu's transport of pgmq, with one thing mended: an acknowledgement that fails.

Messages that a worker took and has not acknowledged count, and with as many as it may hold it asks for no
more. Where PostgreSQL crashes and is back while a worker is at a task, its acknowledgement meets a connection
that is no more: Celery logs that and goes on, and kombu counts the message for ever. A worker that does one
thing at a time (`control`) then asks the broker for nothing, so that it never learns of a broken connection
either, and lives on without doing anything. Here such a message counts no longer. The broker delivers it once
more when its time is over; that a job is done, its row says.

The others need none of this: RabbitMQ acknowledges over the one connection by which all comes, and kombu
looks at Redis's sockets also while it asks for nothing (tests/integration/test_brokers.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from kombu.transport import pgmq


class Channel(pgmq.Channel):  # type: ignore[misc]  # kombu has no types
    """kombu's; what it could not acknowledge or reject counts as settled."""

    def basic_ack(self, delivery_tag: str, multiple: bool = False) -> None:
        """Raises what psycopg raises."""
        with self._settled(delivery_tag):
            super().basic_ack(delivery_tag, multiple)

    def basic_reject(self, delivery_tag: str, requeue: bool = False) -> None:
        """Raises what psycopg raises."""
        with self._settled(delivery_tag):
            super().basic_reject(delivery_tag, requeue)

    @contextmanager
    def _settled(self, tag: str) -> Iterator[None]:
        try:
            yield
        except Exception:
            self.qos.ack(tag)  # kombu's own count; the broker is not asked
            raise


class Transport(pgmq.Transport):  # type: ignore[misc]  # as above
    """kombu's, with these channels."""

    Channel = Channel
