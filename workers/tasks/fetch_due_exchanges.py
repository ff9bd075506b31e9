"""Request imports from hash exchanges that are due."""

from __future__ import annotations

import logging

from registry.core.errors import Unavailable
from registry.sharing.sources.service.exchanges import fetch_due
from workers.app import service, task

log = logging.getLogger(__name__)


@task("fakeprint.fetch_due_exchanges")
def fetch_due_exchanges() -> None:
    """Check once for due exchanges."""
    try:
        fetch_due(service())
    except Unavailable as error:
        log.warning("no exchange asked for: %s", error.message)
