"""Do what follows a commit, or leave it to the sweeper."""

from __future__ import annotations

import logging
from collections.abc import Callable
from uuid import UUID

from registry.core.errors import Unavailable
from registry.core.service import Service

log = logging.getLogger(__name__)


def later(service: Service, step: Callable[[Service, UUID], object], person_id: UUID) -> None:
    """Take the step now. What is decided is committed and holds all the same; where keys or blobs are away,
    `sweep_persons` or `sweep_closed` takes the step again until it is done."""
    try:
        step(service, person_id)
    except Unavailable as error:
        log.warning("left to the sweeper: %s", error.code, extra={"person_id": str(person_id)})
