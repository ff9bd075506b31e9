"""Let what other rules have looked at be looked at again."""

from __future__ import annotations

import logging

from registry.core.errors import Unavailable
from registry.lineage.service import outdate_relatives as outdate
from workers.app import service, task

log = logging.getLogger(__name__)


@task("fakeprint.outdate_relatives")
def outdate_relatives() -> None:
    """Look for such media once."""
    try:
        outdated = outdate(service())
    except Unavailable as error:
        log.warning("nothing outdated: %s", error.message)
        return
    if outdated:
        log.info("media to be looked at again", extra={"media": outdated})
