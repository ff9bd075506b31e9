"""Raise alarms of notices, enqueue due deliveries, and delete replies of closed organizations."""

from __future__ import annotations

import logging

from registry.core.errors import Unavailable
from registry.takedown.delivery.service.dispatch import enqueue_due_deliveries
from registry.takedown.notices.service.alarms import raise_alarms
from registry.takedown.replies.service.replies import delete_unmatched_replies
from workers.app import service, task

log = logging.getLogger(__name__)


@task("fakeprint.watch_notices")
def watch_notices() -> None:
    """Check once."""
    try:
        raised = raise_alarms(service())
        enqueue_due_deliveries(service())
        delete_unmatched_replies(service())
    except Unavailable as error:
        log.warning("notices not watched: %s", error.message)
        return
    if raised:
        log.info("alarms raised", extra={"alarms": raised})
