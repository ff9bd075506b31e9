"""kombu's transports of pgmq and Redis, with one thing mended in both: an acknowledgement that fails.

Messages that a worker took and has not acknowledged count, and with as many as it may hold it asks for no
more. Where the broker goes away while a worker is at a task, its acknowledgement fails: Celery logs that and
goes on, and kombu counts the message for ever. With all that it may hold lost so, a worker asks the broker
for nothing and lives on without doing anything, also when the broker is back: nothing of it waits for an
answer that could fail. Here such a message counts no longer. The broker delivers it once more when its time
is over; that a job is done, its row says.

RabbitMQ needs none of this: it acknowledges over the one connection by which all comes, and ends with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from kombu.transport import TRANSPORT_ALIASES, virtual

_HERE: Final = {
    "pgmq": "registry.core.messaging.transports.pgmq:Transport",
    "redis": "registry.core.messaging.transports.redis:Transport",
    "rediss": "registry.core.messaging.transports.redis:Transport",
}
"""Loaded where they are spoken."""


def register() -> None:
    """Have kombu take these for the addresses of their brokers. Call it before the first connection."""
    TRANSPORT_ALIASES.update(_HERE)


class Settling:
    """Comes before a channel of kombu's: what that cannot acknowledge or reject counts as settled."""

    qos: Any

    def basic_ack(self, delivery_tag: str, multiple: bool = False) -> None:
        """Raises what the broker's client raises."""
        with self._settled(delivery_tag):
            super().basic_ack(delivery_tag, multiple)  # type: ignore[misc]  # the channel's

    def basic_reject(self, delivery_tag: str, requeue: bool = False) -> None:
        """Raises what the broker's client raises."""
        with self._settled(delivery_tag):
            super().basic_reject(delivery_tag, requeue)  # type: ignore[misc]  # as above

    @contextmanager
    def _settled(self, tag: str) -> Iterator[None]:
        try:
            yield
        except Exception:
            virtual.QoS.ack(self.qos, tag)  # kombu's own count alone; Redis's would ask the broker again
            raise
