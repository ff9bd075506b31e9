"""Is there room for one more file?"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from functools import cache
from typing import Final, Literal

from registry.core.errors import Unavailable
from registry.core.service import Service
from registry.core.settings import Settings
from registry.jobs.model.pressure import Bounds, is_full
from registry.jobs.store import jobs

Kind = Literal["lookups", "registrations"]

FRESH_SECONDS: Final = 1.0
"""How long a process believes what it last counted: by so much more may come in."""
_QUEUES: Final[dict[Kind, tuple[str, ...]]] = {
    "lookups": ("interactive",),
    "registrations": ("media", "bulk"),
}
_AGED: Final[dict[Kind, str]] = {"lookups": "interactive", "registrations": "media"}
"""Where waiting long says that there are too few workers; bulk work may wait."""
_SAID: Final[dict[Kind, str]] = {
    "lookups": "files to be looked up",
    "registrations": "media to be registered",
}


def admit_work(service: Service, kind: Kind) -> None:
    """Raise `Unavailable` (`queue_full`, with `retry_after` in seconds) where as much waits as may, or for as
    long. What needs no worker (documents, hashes, digests) is not asked for.

    Counted in the database, where the work is: the broker holds wake-up calls alone.
    """
    gauge = _gauge(service.settings.database_url, kind)
    bounds = _bounds(service.settings, kind)
    # One counts; who comes meanwhile goes by the last count, lest all wait in a row for a slow database.
    if time.monotonic() >= gauge.stale_at and gauge.lock.acquire(blocking=False):
        try:
            with service.pool.transaction() as connection:
                count, oldest = jobs.pressure(connection, _QUEUES[kind], _AGED[kind], most=bounds.jobs)
            gauge.full = is_full(bounds, jobs=count, oldest=oldest, was=gauge.full)
            gauge.stale_at = time.monotonic() + FRESH_SECONDS
        finally:
            gauge.lock.release()
    if gauge.full:
        raise Unavailable(
            f"There is no room for more {_SAID[kind]}: the workers have to catch up.",
            code="queue_full",
            next_step=f"Send it again in {bounds.retry_after} s (Retry-After), or its fingerprint document.",
            extra={"retry_after": bounds.retry_after},
        )


@dataclass(slots=True)
class _Gauge:
    """What a process last counted."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    stale_at: float = 0.0
    full: bool = False


@cache
def _gauge(_database_url: str, _kind: Kind) -> _Gauge:
    return _Gauge()


def _bounds(settings: Settings, kind: Kind) -> Bounds:
    if kind == "lookups":
        return Bounds(settings.most_lookups, settings.lookup_wait, 5)
    return Bounds(settings.most_registrations, settings.registration_wait, 15)
