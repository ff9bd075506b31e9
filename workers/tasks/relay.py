"""Publish the outbox's unsent messages, and add committed changes to feeds and events to the ledger."""

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
"""Most pages of feeds per beat, so that the ledger does not wait longer."""


@task("fakeprint.relay")
def relay() -> None:
    """Send at most 2,000 messages of the outbox; the next beat goes on. Then update feeds and ledger in any
    case."""
    try:
        _relay()
    finally:
        _sequence()


def _relay() -> None:
    _say(wary=True)
    if service().publisher.held(wary=True):  # checked after the other queues have theirs
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
