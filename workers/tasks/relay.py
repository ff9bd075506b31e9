"""Publish what was committed to the outbox and not yet sent, and enter in feeds and ledger what was done."""

from __future__ import annotations

import logging
from typing import Final

from registry.core.errors import Unavailable
from registry.jobs.service.queue import relay_outbox
from registry.sharing.federation.service.feeds import publish_feeds
from registry.transparency.ledger.service.sequencing import sequence_events
from workers.app import service, task

log = logging.getLogger(__name__)

BATCH: Final = 100
ROUNDS: Final = 20
PAGES: Final = 5
"""Pages of feeds of one beat: the ledger waits for no more."""


@task("fakeprint.relay")
def relay() -> None:
    """Empty the outbox, 2,000 messages at most; the next beat goes on. Then feeds and ledger, anyway."""
    try:
        _relay()
    finally:
        _sequence()


def _relay() -> None:
    _say(wary=True)
    if service().publisher.held(wary=True):  # asked once the others have theirs
        _say(wary=False)


def _say(*, wary: bool) -> None:
    for _ in range(ROUNDS):
        try:
            if relay_outbox(service(), limit=BATCH, wary=wary) < BATCH:
                return
        except Unavailable as error:
            log.warning("messages stay in the outbox: %s", error.message)
            if error.code != "queue_unavailable":  # there may be more for the other queues
                return


def _sequence() -> None:
    try:
        publish_feeds(service(), rounds=PAGES)
    except Unavailable as error:
        log.warning("changes wait for their place in feeds: %s", error.message)
    try:
        sequence_events(service())
    except Unavailable as error:
        log.warning("events wait for their place in the ledger: %s", error.message)
