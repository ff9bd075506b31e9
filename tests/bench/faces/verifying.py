"""Face verification: pairs of photographs, thresholds, and what so many strangers can prove."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from registry.core.numbers import Floats, Ints
from tests.bench.faces.photographs import Photograph

RATES: Final = (1e-2, 1e-3, 1e-4)
DRAWS: Final = 1000
SEED: Final = 4
RULE_OF_THREE: Final = 3.0
"""Nothing among n independent trials: with 95 % confidence the rate is under 3/n (Hanley and Lippman-Hand,
JAMA 1983)."""


@dataclass(frozen=True, slots=True)
class Operating:
    """A threshold: the share of pairs of two persons that pass, and of pairs of one (`interval`: 95 %, by
    bootstrap over persons)."""

    false_accepts: float
    threshold: float
    true_accepts: float
    interval: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Verification:
    """All pairs of photographs: how many are of one person and of two, and the most similar pair of two
    persons."""

    genuine: int
    impostors: int
    persons: int
    unread: int
    likest_strangers: float
    points: tuple[Operating, ...]

    def at(self, rate: float) -> Operating:
        return next(point for point in self.points if point.false_accepts == rate)


def verify(photographs: Sequence[Photograph]) -> Verification:
    """Compare every pair of photographs by the face in the middle of each. A photograph without a face
    matches nothing: its pairs count as misses and as rejections."""
    persons, owner = np.unique([photograph.person for photograph in photographs], return_inverse=True)
    none = np.zeros(128, np.float32)
    vectors = np.array(
        [none if photograph.face is None else photograph.face.embedding for photograph in photographs]
    )
    alike = vectors @ vectors.T
    left, right = np.triu_indices(len(photographs), 1)
    cosines = alike[left, right].astype(np.float64)
    same = owner[left] == owner[right]
    strangers = np.sort(cosines[~same])[::-1]
    genuine, whose = cosines[same], owner[left][same]
    points = []
    for rate in RATES:
        threshold = float(strangers[min(int(rate * len(strangers)), len(strangers) - 1)])
        passed = genuine > threshold
        points.append(Operating(rate, threshold, float(passed.mean()), _bootstrap(passed, whose)))
    return Verification(
        genuine=len(genuine),
        impostors=len(strangers),
        persons=len(persons),
        unread=sum(photograph.face is None for photograph in photographs),
        likest_strangers=float(strangers[0]),
        points=tuple(points),
    )


def provable(trials: int) -> float:
    """Return the rate that `trials` without an event prove at 95 %."""
    return min(1.0, RULE_OF_THREE / max(trials, 1))


def _bootstrap(passed: np.ndarray, whose: Ints) -> tuple[float, float]:
    """Return a 95 % interval of the share that passed. Persons are drawn with all their pairs, since the
    pairs of one person are not independent."""
    _, index = np.unique(whose, return_inverse=True)
    hits = np.bincount(index, weights=passed.astype(np.float64))
    of = np.bincount(index).astype(np.float64)
    drawn = np.random.default_rng(SEED).integers(0, len(of), (DRAWS, len(of)))
    shares: Floats = hits[drawn].sum(axis=1) / of[drawn].sum(axis=1)
    low, high = np.quantile(shares, [0.025, 0.975])
    return float(low), float(high)
