"""Raise alarms for notice deadlines, and retry notices that are due."""

from __future__ import annotations

import logging

from registry.core.errors import Unavailable
from registry.takedown.notices.service.deadlines import watch_notices as watch
from workers.app import service, task

log = logging.getLogger(__name__)


@task("fakeprint.watch_notices")
def watch_notices() -> None:
    """Check once."""
    try:
        raised = watch(service())
    except Unavailable as error:
        log.warning("notices not watched: %s", error.message)
        return
    if raised:
        log.info("deadlines raised", extra={"alarms": raised})
