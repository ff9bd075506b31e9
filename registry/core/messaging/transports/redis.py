"""Redis and Valkey."""

from __future__ import annotations

from kombu.transport import redis

from registry.core.messaging.transports import Settling


class Channel(Settling, redis.Channel):  # type: ignore[misc]  # kombu has no types
    """kombu's channel with the fix for failed acknowledgements."""


class Transport(redis.Transport):  # type: ignore[misc]  # as above
    """kombu's transport with these channels."""

    Channel = Channel
