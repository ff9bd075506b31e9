"""Errors of the broker."""

from __future__ import annotations

from registry.core.errors import BadInput, Unavailable


class BadBrokerUrl(BadInput):
    """The broker's address is malformed, or of a kind that is not supported."""


class BrokerUnavailable(Unavailable):
    """The broker cannot be reached."""

    next_step = "Check FAKEPRINT_BROKER_URL and that the broker is up (pgmq: run `fakeprint migrate`)."


class QueueUnavailable(Unavailable):
    """The broker refuses messages for a queue."""

    next_step = "If it stays so, see in the runbook how to make RabbitMQ's queue anew; nothing is lost."
