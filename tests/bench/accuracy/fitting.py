"""Logistic curves with weights that are not negative, fitted and judged on groups held out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tests.bench.accuracy.tables import wilson

FOLDS: Final = 5
RIDGE: Final = 0.3
"""Strength with which weights of standardised features are held to 0, in pairs' worth: what did best on
footage held out, of .01 to 1."""
STEPS: Final = 200

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Fit:
    """Log-odds: `intercept` and a weight a feature."""

    intercept: float
    weights: tuple[float, ...]

    def __call__(self, rows: Floats) -> Floats:
        """(n,) probabilities of (n, k) features."""
        odds = self.intercept + rows @ np.array(self.weights)
        return np.asarray(1 / (1 + np.exp(-np.clip(odds, -60, 60))), dtype=np.float64)


def fitted(rows: Floats, right: Bools, weight: Floats) -> Fit:
    """The curve of least weighted log loss, with a ridge, no weight negative.

    Newton's steps on the features that are not held at 0 (active set), in standardised features. `weight`
    (n,) adds up to what the pairs are worth.
    """
    mean, spread = rows.mean(axis=0), rows.std(axis=0)
    spread = np.where(spread < 1e-9, 1.0, spread)
    design = np.column_stack([np.ones(len(rows)), (rows - mean) / spread])
    held = np.zeros(design.shape[1])
    penalty = np.full(design.shape[1], RIDGE)
    penalty[0] = 1e-9
    target = right.astype(np.float64)
    for _ in range(STEPS):
        chance = 1 / (1 + np.exp(-np.clip(design @ held, -60, 60)))
        slope = design.T @ (weight * (chance - target)) + penalty * held
        blocked = (held <= 0) & (slope > 0)
        blocked[0] = False
        free = ~blocked
        curve = (design * (weight * np.maximum(chance * (1 - chance), 1e-9))[:, None]).T @ design
        curve += np.diag(penalty)
        step = np.zeros_like(held)
        step[free] = np.linalg.solve(curve[np.ix_(free, free)], slope[free])
        step *= min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-12))
        after = held - step
        after[1:] = np.maximum(after[1:], 0.0)
        if np.abs(after - held).max() < 1e-8:
            break
        held = after
    weights = held[1:] / spread
    return Fit(float(held[0] - (weights * mean).sum()), tuple(map(float, weights)))


def held_out(rows: Floats, right: Bools, weight: Floats, groups: Sequence[frozenset[str]]) -> Floats:
    """(n,) probabilities, each by a curve that saw none of the pair's footage groups, nor any of their folds;
    nan where what is left has not both kinds."""
    found = np.full(len(rows), np.nan)
    folds = _folds(groups)
    touched = [frozenset(folds[group] for group in pair) for pair in groups]
    for mine in sorted(set(touched), key=sorted):
        seen = np.array([not mine & other for other in touched])
        judged = np.array([mine == other for other in touched])
        if right[seen].any() and (~right[seen]).any():
            found[judged] = fitted(rows[seen], right[seen], weight[seen])(rows[judged])
    return found


def _folds(groups: Sequence[frozenset[str]]) -> dict[str, int]:
    """Each group's fold, the commonest dealt out first, so that folds are about as large."""
    counts: dict[str, int] = {}
    for pair in groups:
        for group in pair:
            counts[group] = counts.get(group, 0) + 1
    ordered = sorted(counts, key=lambda group: (-counts[group], group))
    return {group: place % FOLDS for place, group in enumerate(ordered)}


def bound(wrong: int, of: int) -> float:
    """The upper 95 % bound of a rate: 3 / n where none was seen (the rule of three), else Wilson's."""
    if not of:
        return 1.0
    return wilson(wrong, of)[1] if wrong else min(1.0, 3 / of)


def cap(prior: float, *, hits: float, wrong: int, of: int) -> float:
    """The most that can be claimed: odds of the prior, times the share `hits` of copies that reach the top,
    over the bound of the rate at which unrelated pairs do."""
    odds = prior / (1 - prior) * hits / bound(wrong, of)
    return odds / (1 + odds)


def rounded_down(probability: float) -> float:
    """To .001, never up."""
    return math.floor(probability * 1000) / 1000
