"""A Celery beat that publishes due tasks through our publisher, which waits only seconds for a broker or
queue."""

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
    """Celery's in-memory scheduler with our publisher; no state here is worth storing.

    Celery's own producer would wait forever for a RabbitMQ queue that confirms nothing, and delay the due
    tasks of all other queues.
    """

    producer = None

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        self._untold: set[str] = set()
        super().__init__(*arguments, **keywords)

    @cached_property
    def _publisher(self) -> Publisher:
        return Publisher(settings())

    def apply_entry(self, entry: Any, producer: object = None) -> None:  # noqa: ARG002 - as Celery's
        """Publish that the task is due. If that fails, it is published when the task is due again."""
        kind = queues.kind(entry.options.get("queue", self.app.conf.task_default_queue))
        try:
            self._publisher.tick(entry.task, kind, expires=entry.options["expires"])
        except Exception as error:  # noqa: BLE001 - the beat goes on after any error
            if kind not in self._untold:  # this comes several times a second
                log.warning("nothing is sent to the queue %s: %s", kind, error)
            self._untold.add(kind)
        else:
            self._untold.discard(kind)

    def close(self) -> None:
        super().close()
        self._publisher.close()
