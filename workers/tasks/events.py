"""Make webhook messages from events, count lookups, and delete expired data."""

from __future__ import annotations

import logging
from typing import Final

from registry.core.errors import Unavailable
from registry.matching.statistics.service import count_lookups as count
from registry.matching.watches.service.watches import sweep_watches as sweep_kept
from registry.sharing.webhooks.service.events import BATCH
from registry.sharing.webhooks.service.events import dispatch_events as tell
from registry.sharing.webhooks.service.events import sweep_webhooks as sweep
from workers.app import service, task

log = logging.getLogger(__name__)

ROUNDS: Final = 20


@task("fakeprint.dispatch_events")
def dispatch_events() -> None:
    """Process at most ten thousand waiting events; the next beat goes on."""
    try:
        for _ in range(ROUNDS):
            if tell(service()) < BATCH:
                return
    except Unavailable as error:
        log.warning("events not told: %s", error.message)


@task("fakeprint.sweep_watches")
def sweep_watches() -> None:
    """Delete expired watches."""
    try:
        deleted = sweep_kept(service())
    except Unavailable as error:
        log.warning("watches not swept: %s", error.message)
        return
    if deleted:
        log.info("watches over", extra={"watches": deleted})


@task("fakeprint.count_lookups")
def count_lookups() -> None:
    """Count answered lookups for charts."""
    try:
        count(service())
    except Unavailable as error:
        log.warning("lookups not counted: %s", error.message)


@task("fakeprint.sweep_webhooks")
def sweep_webhooks() -> None:
    """Delete expired webhook data once."""
    try:
        sweep(service())
    except Unavailable as error:
        log.warning("webhooks not swept: %s", error.message)
