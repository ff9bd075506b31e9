"""Publish what was committed to the outbox and not yet sent."""

from __future__ import annotations

import logging
from typing import Final

from registry.actions.relay_outbox import relay_outbox
from registry.errors import Unavailable
from workers.app import service, task

log = logging.getLogger(__name__)

BATCH: Final = 100
ROUNDS: Final = 20


@task("fakeprint.relay")
def relay() -> None:
    """Empty the outbox, 2,000 messages at most; the next beat goes on."""
    try:
        for _ in range(ROUNDS):
            if relay_outbox(service(), limit=BATCH) < BATCH:
                return
    except Unavailable as error:
        log.warning("messages stay in the outbox: %s", error.message)
