"""Whether there is room for more work. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

REOPENS: Final = 0.8
"""Once refused, work is taken again when this share of a bound is left: else the answer would flicker."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What may wait: so many jobs, and the oldest that nobody has begun for so many seconds (0: as long as it
    takes). `retry_after`: seconds until it is worth asking again."""

    jobs: int
    seconds: float
    retry_after: int


def is_full(bounds: Bounds, *, jobs: int, oldest: float, was: bool) -> bool:
    """Whether more is refused, with so many open jobs and the oldest unbegun one `oldest` seconds old. `was`:
    it was refused until now."""
    share = REOPENS if was else 1.0
    return jobs >= bounds.jobs * share or (bounds.seconds > 0 and oldest >= bounds.seconds * share)
