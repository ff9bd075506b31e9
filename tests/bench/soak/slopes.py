"""How fast something grows: the slope of a line through measurements, with its confidence interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Final

import numpy as np

NORMAL_975: Final = 1.959964
"""Quantile of the normal distribution: 95 % lie within it on both sides."""
HOUR: Final = 3600.0


@dataclass(frozen=True)
class Slope:
    """Per hour, with the ends of its 95 % interval; `level` is the median."""

    per_hour: float
    low: float
    high: float
    level: float

    def percent(self) -> Slope:
        """The same in percent of its level an hour; zero where there is none."""
        if not self.level:
            return Slope(0.0, 0.0, 0.0, self.level)
        scale = 100.0 / self.level
        return Slope(self.per_hour * scale, self.low * scale, self.high * scale, self.level)


def slope(times: Sequence[float], values: Sequence[float]) -> Slope:
    """Theil's and Sen's estimate: the median of the slopes of all pairs, which single peaks do not move. The
    interval is Sen's (1968), by the variance of Kendall's statistic with ties. `times` in seconds, ascending.
    Raises `ValueError` for fewer than three measurements."""
    count = len(times)
    if count < 3:
        raise ValueError("a slope needs three measurements")
    at, of = np.asarray(times, float), np.asarray(values, float)
    first, second = np.triu_indices(count, 1)
    found = np.sort((of[second] - of[first]) / (at[second] - at[first])) * HOUR
    _, ties = np.unique(of, return_counts=True)
    variance = (count * (count - 1) * (2 * count + 5) - int((ties * (ties - 1) * (2 * ties + 5)).sum())) / 18
    half = NORMAL_975 * sqrt(max(variance, 0.0))
    pairs = len(found)
    low = max(0, int((pairs - half) / 2))
    high = min(pairs - 1, int((pairs + half) / 2) + 1)
    level = float(np.median(of))
    return Slope(float(np.median(found)), float(found[low]), float(found[high]), level)
