"""Mark media that were related by older rules, so that they are related again."""

from __future__ import annotations

import logging

from registry.core.errors import Unavailable
from registry.lineage.service import outdate_relatives as outdate
from workers.app import service, task

log = logging.getLogger(__name__)


@task("fakeprint.outdate_relatives")
def outdate_relatives() -> None:
    """Check once for such media."""
    try:
        outdated = outdate(service())
    except Unavailable as error:
        log.warning("nothing outdated: %s", error.message)
        return
    if outdated:
        log.info("media to be looked at again", extra={"media": outdated})
