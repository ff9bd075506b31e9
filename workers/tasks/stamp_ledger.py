"""Have the ledger's newest checkpoint stamped, where an authority is set."""

from __future__ import annotations

import logging

from registry.core.errors import Unavailable
from registry.transparency.timestamps.service import stamp_ledger as stamp
from workers.app import service, task

log = logging.getLogger(__name__)


@task("fakeprint.stamp_ledger")
def stamp_ledger() -> None:
    """Once, where one is due. On the queue of deliveries: an authority that is slow holds up no beat."""
    try:
        stamp(service())
    except Unavailable as error:
        log.warning("no checkpoint was stamped: %s", error.message)
