"""The periodic sweep of every room."""

from __future__ import annotations

import logging

from registry.app.service.closing import sweep_closed
from registry.catalogue import fingerprints
from registry.catalogue.fingerprints.service import continue_refingerprinting
from registry.catalogue.media.service.retention import sweep_blobs
from registry.core.errors import Unavailable
from registry.core.service import Service
from registry.identity import accounts
from registry.jobs.service.queue import wake_workers
from registry.jobs.service.sweep import sweep_queues
from registry.lineage.service import relate_backlog
from registry.matching import abuse
from registry.matching.lookups.service.days import arrange_days
from registry.operations import unread_since
from registry.sharing import hma
from registry.sharing.hma.service.signals import KEPT_SECONDS
from registry.transparency import credentials

log = logging.getLogger(__name__)


def sweep(service: Service) -> int:
    """Wake jobs whose messages or workers were lost, and return how many. Then let each room delete what has
    expired and finish what was interrupted."""
    woken = sweep_queues(service)
    with service.pool.transaction() as connection:
        fingerprints.tidy_divisions(connection)
    with service.pool.transaction() as connection:
        hma.delete_old_hashings(connection, seconds=KEPT_SECONDS)
        abuse.forget_old(connection)
        accounts.delete_expired(connection)
        credentials.delete_expired_places(connection)
        unread = unread_since(connection)
    arrange_days(service, unread_since=unread)
    sweep_closed(service)
    relate_backlog(service)
    continue_refingerprinting(service)
    wake_workers(service)
    try:
        sweep_blobs(service)
    except Unavailable as error:
        log.warning("unneeded media is deleted later: %s", error.message)
    return woken
