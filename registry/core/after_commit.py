"""Best effort after a commit: run a follow-up step, or leave it to the sweeper."""

from __future__ import annotations

import logging
from collections.abc import Callable
from uuid import UUID

from registry.core.errors import Unavailable
from registry.core.service import Service

log = logging.getLogger(__name__)


def later(service: Service, step: Callable[[Service, UUID], object], person_id: UUID) -> None:
    """Run a step that follows a committed decision. If the step raises `Unavailable` (keys or blobs cannot be
    reached), log it. `sweep_persons` or `sweep_closed` repeats the step until it succeeds."""
    try:
        step(service, person_id)
    except Unavailable as error:
        log.warning("left to the sweeper: %s", error.code, extra={"person_id": str(person_id)})
