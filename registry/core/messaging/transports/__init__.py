"""kombu's transports of pgmq and Redis, with a fix for acknowledgements that fail.

kombu counts the messages that a worker received and did not acknowledge. At the limit, the worker requests no
more. If the broker goes away during a task, the acknowledgement fails. Celery logs that, and kombu counts the
message for ever. After enough such failures the worker requests nothing any more and stays idle, even when
the broker is back, and no error shows.

Here a message whose acknowledgement failed is no longer counted. The broker delivers it again after its
visibility timeout, and the job's row shows that the job is done.

RabbitMQ does not need this: acknowledgements use the connection that delivers messages, and end with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from kombu.transport import TRANSPORT_ALIASES, virtual

_TRANSPORTS: Final = {
    "pgmq": "registry.core.messaging.transports.pgmq:Transport",
    "redis": "registry.core.messaging.transports.redis:Transport",
    "rediss": "registry.core.messaging.transports.redis:Transport",
}
"""Loaded when first used."""


def register() -> None:
    """Make kombu use these transports for the addresses of their brokers. Call it before the first
    connection."""
    TRANSPORT_ALIASES.update(_TRANSPORTS)


class Settling:
    """Mixin for kombu's channels: a message whose acknowledgement or rejection fails no longer counts as
    unacknowledged."""

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
            virtual.QoS.ack(self.qos, tag)  # kombu's own count only; Redis's would call the broker
            raise
