"""Limits of a caller or an organization: a rate, and quotas a day and a month. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from registry.identity.quotas.errors import BadLimits

FASTEST: Final = 1_000_000.0
"""Highest rate, in lookups a second."""
MOST: Final = 10**12
"""Highest quota, in lookups."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Lookups a second, a UTC day and a UTC calendar month. None: no limit."""

    rate: float | None = None
    daily: int | None = None
    monthly: int | None = None

    @property
    def bind(self) -> bool:
        return self != NO_LIMITS

    def shown(self) -> dict[str, float | int | None]:
        """Return the limits as in an answer."""
        return {"rate": self.rate, "daily": self.daily, "monthly": self.monthly}


NO_LIMITS: Final = Limits()


def checked(limits: Limits) -> Limits:
    """Return the limits. Raises `BadInput` (`bad_limits`)."""
    rate, counts = limits.rate, (limits.daily, limits.monthly)
    if rate is not None and not (math.isfinite(rate) and 0.001 <= rate <= FASTEST):
        raise BadLimits(f"`rate` lies between 0.001 and {FASTEST:g} lookups a second.")
    if any(count is not None and not 0 <= count <= MOST for count in counts):
        raise BadLimits("`daily` and `monthly` are counts of lookups from 0 on.")
    return limits
