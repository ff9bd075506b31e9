"""Request an RFC 3161 timestamp of the ledger's newest checkpoint, if an authority is configured."""

from __future__ import annotations

import logging

from registry.core.errors import Unavailable
from registry.transparency.timestamps.service.timestamps import stamp_ledger as stamp
from workers.app import service, task

log = logging.getLogger(__name__)


@task("fakeprint.stamp_ledger")
def stamp_ledger() -> None:
    """Request one timestamp if one is due. It runs on the delivery queue, so a slow authority delays no
    beat."""
    try:
        stamp(service())
    except Unavailable as error:
        log.warning("no checkpoint was stamped: %s", error.message)
