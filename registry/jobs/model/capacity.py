"""Limits on waiting work. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

REOPENS: Final = 0.8
"""Hysteresis: once refused, work is accepted again when the load falls to this share of the limit."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Limits of a queue: number of open jobs, and age in seconds of the oldest unstarted job (0: no limit).
    `retry_after`: seconds until a new attempt is useful."""

    jobs: int
    seconds: float
    retry_after: int


def is_full(bounds: Bounds, *, jobs: int, oldest: float, was: bool) -> bool:
    """Whether more work is refused. `jobs`: open jobs; `oldest`: age in seconds of the oldest unstarted one;
    `was`: whether work was refused until now."""
    share = REOPENS if was else 1.0
    return jobs >= bounds.jobs * share or (bounds.seconds > 0 and oldest >= bounds.seconds * share)
