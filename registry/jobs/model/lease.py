"""Timing of leases: renewals, and when a silent worker counts as gone. Pure.

A worker renews its lease several times before it expires. If the worker's database session has also ended, a
few missed renewals suffice to consider the worker gone. If that is wrong, the fence prevents a second write.
"""

from __future__ import annotations

from typing import Final

LONGEST_PAUSE: Final = 2.0
"""Longest pause between two renewals, in seconds: renewals also carry the progress that people watch."""
MISSED: Final = 3
"""Consecutive missed renewals, after the session ended, at which a worker counts as gone."""
FIRST_DEFERRAL: Final = 5.0
LONGEST_DEFERRAL: Final = 300.0
"""Seconds until a deferred job is tried again, first and longest delay (`registry.core.backoff`)."""


def pause(lease: float) -> float:
    """Seconds between two renewals of a lease of `lease` seconds."""
    return min(lease / 4, LONGEST_PAUSE)


def silence(lease: float) -> float:
    """Seconds without a renewal after which a worker whose session has ended counts as gone."""
    return MISSED * pause(lease)
