"""Tell the moments of a scene from each other by what moves in it. Pure.

A talking head before a still wall looks alike at every moment, so hashes and embeddings place a span by
chance. What is left of its mosaics when their mean over time is subtracted is the movement. It is correlated
along time with the asset's movement, at each speed that people use and each start.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from registry.catalogue.fingerprints.model.mosaics import Mosaics
from registry.core.numbers import Floats, Ints
from registry.matching.alignment.model import registration
from registry.matching.alignment.model.temporal_voting import BESIDE, OFFERED, Line

LEAST: Final = 4
"""Fewest moments of a span: mean and movement of fewer say nothing."""
MOST: Final = 60
"""Most moments compared, spread evenly ..."""
LONGEST: Final = 240
"""... and most samples of an asset. In longer media scenes change, and tell the moments."""
PLACED: Final = 10
"""Most moments by which the query is placed on the asset's picture."""
TICK: Final = 0.125
"""Step of the start in seconds."""
SPILL: Final = 0.5
"""Seconds by which a line may lie outside the asset: samples are half a second apart."""
ONE_PART: Final = 0.7
"""Intersection over union from which two areas are the same part of the picture."""
WORSE: Final = 0.05
"""By how much less the movement may agree along a line whose speed is likelier."""
CLEAR: Final = 0.25
"""Least correlation of movement that can move a span."""
FREE: Final = 2.0
"""Independent movements of a moment."""
NOISE: Final = 0.15
"""Share of the movement that no line explains, since both sides are sampled twice a second."""
MOVES: Final = 0.6
"""Log-likelihood that another line must gain, and ..."""
SPEEDS: Final = 2.0
"""... what a line costs whose speed is not 1. Chosen on cuts and changes of speed of the development half
(decisions 124 and 145)."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A query that shows an asset: mosaics of both, and where the query shows it. `area`: left, top, right,
    bottom, 0-1."""

    query: Mosaics
    asset: Mosaics
    area: Floats
    mirrored: bool


def better(shown: Shown, line: Line, times: tuple[float, float]) -> Line | None:
    """Return the line along which the movement agrees far better between these seconds of the query.

    None: the line stands, or nothing tells.
    """
    asset = shown.asset
    rows = _rows(shown, times)
    if line.speed < 0 or len(rows) < LEAST or not LEAST <= len(asset) <= LONGEST:
        return None
    at = shown.query.times[rows]
    query = shown.query.cells(rows)
    query = query[:, :, ::-1] if shown.mirrored else query
    some = registration.spread(len(rows), PLACED)
    place = registration.register(query[some], asset.at(line.speed * at[some] + line.start))
    inside = registration.inside(place)
    seen = registration.seen(asset.cells(np.arange(len(asset))), place)
    movement = _Movement(query[:, inside], at, seen[:, inside], asset.times)
    return movement.better(line)


def _rows(shown: Shown, times: tuple[float, float]) -> Ints:
    """Return the query's mosaics between two times: of the part that shows the asset, else of the whole."""
    mosaics = shown.query
    covered = (mosaics.times >= times[0] - 1e-6) & (mosaics.times <= times[1] + 1e-6)
    shares = mosaics.overlap(shown.area)
    part = covered & (shares >= max(ONE_PART, float(shares[covered].max(initial=0.0)) - 1e-6))
    rows = np.nonzero(part)[0]
    chosen: Ints = rows[registration.spread(len(rows), MOST)]
    return chosen


@dataclass(frozen=True, slots=True)
class _Movement:
    """`query` (k, c) cells at `times` (k,); `asset` (n, c) cells at `places` (n,) seconds."""

    query: Floats
    times: Floats
    asset: Floats
    places: Floats

    def better(self, line: Line) -> Line | None:
        """Return the likeliest line if it gains enough over this one."""
        known = self._correlations(np.array([line.speed]), np.array([line.start]))
        speeds, starts = self._lines()
        if not len(speeds):
            return None
        found = self._correlations(speeds, starts)
        base = max(float(known[0]), 0.0)
        unlike = 1 + NOISE - np.append(found, base) ** 2
        gain = FREE / 2 * len(self.times) * np.log(unlike[-1] / unlike[:-1])
        cost = MOVES + _odd(speeds) - _odd(np.array(line.speed))
        best = int((np.where(found >= CLEAR, gain, -np.inf) - cost).argmax())
        if found[best] < max(CLEAR, base - WORSE) or gain[best] <= cost[best]:
            return None
        return Line(float(speeds[best]), float(starts[best]))

    def _lines(self) -> tuple[Floats, Floats]:
        """Return the speeds and starts of all lines that lie in the asset."""
        first, last = float(self.times[0]), float(self.times[-1])
        begin, end = float(self.places[0]) - SPILL, float(self.places[-1]) + SPILL
        speeds, starts = [], []
        for speed in OFFERED:
            tried = np.arange(begin - speed * first, end - speed * last + 1e-6, TICK)
            starts.append(tried)
            speeds.append(np.full(len(tried), speed))
        return np.concatenate(speeds), np.concatenate(starts)

    def _correlations(self, speeds: Floats, starts: Floats) -> Floats:
        """Return (m,) the correlation of the movements along each line, -1 to 1.

        The asset's cells at any time are a mean of two samples. So all products with the query are known from
        those with the samples: (k, n), and (n, n) among the samples.
        """
        query = self.query - self.query.mean(axis=0)
        asset = self.asset - self.asset.mean(axis=0)
        crossed, own = query @ asset.T, asset @ asset.T
        at = speeds[:, None] * self.times[None, :] + starts[:, None]
        after = np.clip(np.searchsorted(self.places, at), 1, len(self.places) - 1)
        before = after - 1
        late = np.clip((at - self.places[before]) / np.maximum(np.diff(self.places)[before], 1e-6), 0, 1)
        rows = np.arange(len(self.times))[None, :]
        products = (crossed[rows, before] * (1 - late) + crossed[rows, after] * late).sum(axis=1)
        itself, beside = own.diagonal(), own.diagonal(1)
        squares = itself[before] * (1 - late) ** 2 + itself[after] * late**2
        squares += 2 * beside[before] * late * (1 - late)
        spread = squares.sum(axis=1) - len(self.times) * self._of_mean(before, late, own)
        length = np.sqrt(np.maximum(spread, 0) * float((query**2).sum()))
        return np.asarray(products / np.maximum(length, 1e-6))

    def _of_mean(self, before: Ints, late: Floats, own: Floats) -> Floats:
        """Return (m,) the squared length of the asset's mean along each line. `before` and `late` (m, k): the
        sample before each moment, and the share of the next."""
        lines, count = len(before), len(own)
        flat = (before + count * np.arange(lines)[:, None]).ravel()
        weights = np.bincount(flat, (1 - late).ravel(), lines * count)
        weights += np.bincount(flat + 1, late.ravel(), lines * count)
        mean = weights.reshape(lines, count) / before.shape[1]
        return np.asarray(((mean @ own) * mean).sum(axis=1))


def _odd(speeds: Floats) -> Floats:
    """Return what lines of these speeds cost: people seldom change the speed."""
    return np.asarray(SPEEDS * (np.abs(speeds - 1) > BESIDE))
