"""Wait for a lookup's answer."""

from __future__ import annotations

import time
from typing import Any
from uuid import UUID

from registry.actions.service import Service
from registry.actions.show_lookup import show_lookup
from registry.domain.caller import Caller

FIRST_PAUSE = 0.02
LONGEST_PAUSE = 0.25


def wait_for_lookup(service: Service, caller: Caller, lookup_id: UUID, seconds: float) -> dict[str, Any]:
    """As `show_lookup`, but waits up to `seconds` while it is queued; no connection is held meanwhile."""
    deadline = time.monotonic() + seconds
    pause = FIRST_PAUSE
    while True:
        answer = show_lookup(service, caller, lookup_id)
        left = deadline - time.monotonic()
        if answer.get("status") != "queued" or left <= 0:
            return answer
        time.sleep(min(pause, left))
        pause = min(pause * 1.5, LONGEST_PAUSE)
