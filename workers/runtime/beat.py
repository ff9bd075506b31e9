"""What is due is said by the publisher, which waits for no broker and for no queue longer than seconds."""

from __future__ import annotations

import logging
from functools import cached_property
from typing import Any

from celery import beat

from registry.core.messaging import queues
from registry.core.messaging.publisher import Publisher
from registry.core.settings import settings

log = logging.getLogger(__name__)


class Scheduler(beat.Scheduler):  # type: ignore[misc]  # Celery has no types
    """Celery's own, in memory: nothing here is worth remembering. Its producer would wait without end for a
    queue of RabbitMQ's that confirms nothing, and what is due for the others with it."""

    producer = None

    def __init__(self, *given: Any, **named: Any) -> None:
        self._untold: set[str] = set()
        super().__init__(*given, **named)

    @cached_property
    def _publisher(self) -> Publisher:
        return Publisher(settings())

    def apply_entry(self, entry: Any, producer: object = None) -> None:  # noqa: ARG002 - as Celery's
        """Say that it is due. What cannot be said is said when it is due again."""
        kind = queues.kind(entry.options.get("queue", self.app.conf.task_default_queue))
        try:
            self._publisher.tick(entry.task, kind, expires=entry.options["expires"])
        except Exception as error:  # noqa: BLE001 - whatever it is, the beat goes on
            if kind not in self._untold:  # this comes several times a second
                log.warning("nothing is sent to the queue %s: %s", kind, error)
            self._untold.add(kind)
        else:
            self._untold.discard(kind)

    def close(self) -> None:
        super().close()
        self._publisher.close()
