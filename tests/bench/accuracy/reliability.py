"""Whether a confidence means what it says: of what was given .9, nine in ten should be right."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tests.bench.accuracy.tables import wilson

EDGES: Final = (0.0, 0.2, 0.4, 0.6, 0.8, 0.9, 0.95, 0.97, 1.0001)
"""Bins of the diagram: narrower where decisions are taken."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Bin:
    """`n` things whose confidence lay in [low, high): their mean confidence, the share that was right (both
    weighted), and a 95 % interval of that share."""

    low: float
    high: float
    n: int
    confidence: float
    right: float
    interval: tuple[float, float]
    weight: float


def bins(confidence: Floats, right: NDArray[np.bool_], weight: Floats | None = None) -> list[Bin]:
    """The diagram's numbers; empty bins are left out. The interval is Wilson's, of as many things as the
    weights are worth (Kish: square of their sum over the sum of their squares)."""
    weight = np.ones(len(confidence)) if weight is None else weight
    total = float(weight.sum()) or 1.0
    found = []
    for low, high in itertools.pairwise(EDGES):
        inside = (confidence >= low) & (confidence < high)
        if not inside.any():
            continue
        w = weight[inside]
        share = float((right[inside] * w).sum() / w.sum())
        worth = float(w.sum() ** 2 / (w**2).sum())
        interval = wilson(share * worth, worth)
        mean = float((confidence[inside] * w).sum() / w.sum())
        found.append(
            Bin(low, min(high, 1.0), int(inside.sum()), mean, share, interval, float(w.sum()) / total)
        )
    return found


def calibration_error(found: Sequence[Bin]) -> float:
    """Expected calibration error: the bins' mean distance of confidence from the share right, by weight."""
    return sum(item.weight * abs(item.confidence - item.right) for item in found)


def log_loss(confidence: Floats, right: NDArray[np.bool_], weight: Floats | None = None) -> float:
    """Mean of -log of the probability given to what was so, in nats."""
    weight = np.ones(len(confidence)) if weight is None else weight
    held = np.clip(confidence, 1e-6, 1 - 1e-6)
    loss = np.where(right, -np.log(held), -np.log(1 - held))
    return float((loss * weight).sum() / weight.sum()) if len(loss) else math.nan


def show(found: Sequence[Bin]) -> None:
    """The diagram as lines."""
    print(f"  {'confidence':14}{'n':>7}{'mean':>8}{'right':>8}  [95 %]")
    for item in found:
        low, high = item.interval
        print(
            f"  {item.low:.2f} - {item.high:.2f}   {item.n:>7}{item.confidence:>8.3f}{item.right:>8.3f}"
            f"  [{low:.3f}-{high:.3f}]"
        )
