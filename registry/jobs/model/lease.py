"""How long a worker may be silent. Pure.

A lease is renewed several times before it runs out. Where the worker's session with the database has ended as
well, a few missed renewals are enough to believe it gone: the fence sees to it that nothing is written twice
where that was wrong.
"""

from __future__ import annotations

from typing import Final

LONGEST_PAUSE: Final = 2.0
"""Seconds between two renewals at most: they also carry the progress that people watch."""
MISSED: Final = 3
"""Renewals in a row that whoever lives does not miss while its session is gone."""
FIRST_DEFERRAL: Final = 5.0
LONGEST_DEFERRAL: Final = 300.0
"""Seconds until a job is tried again that needs something that was away (`domain.backoff`)."""


def pause(lease: float) -> float:
    """Seconds between two renewals of a lease of `lease` seconds."""
    return min(lease / 4, LONGEST_PAUSE)


def silence(lease: float) -> float:
    """Seconds without a renewal after which a worker whose session has ended is gone."""
    return MISSED * pause(lease)
