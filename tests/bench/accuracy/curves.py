"""One curve of registry/matching/decision/model/confidence.py: the pairs it is fitted to, how well it
does, the line for the
code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from registry.matching.decision.model.confidence import FACE_PRIOR, FEATURES, PRIOR, Curve
from tests.bench.accuracy import fitting, reliability
from tests.bench.accuracy.fitting import Bools, Fit, Floats
from tests.bench.accuracy.media.pairs import Faced, Gathered, Pair

SAME: Final = 0.01
"""Difference of probability, over these pairs, up to which the code's curve is the fitted one."""
LEAST: Final = 5
"""Pairs of each kind without which nothing is fitted."""


@dataclass(frozen=True, slots=True)
class Sample:
    """n pairs: `rows` (n, k) their evidence, `weight` (n,) what each stands for under the `prior`, `groups`
    the footage of each. `name`: the curve's in the code, `used` that curve, `cap` the one this evidence
    bears."""

    name: str
    title: str
    rows: Floats
    right: Bools
    weight: Floats
    groups: tuple[frozenset[str], ...]
    features: tuple[str, ...]
    prior: float
    cap: float
    basis: str
    used: Curve

    @property
    def enough(self) -> bool:
        return min(int(self.right.sum()), int((~self.right).sum())) >= LEAST

    def fit(self) -> Curve:
        """The curve of all pairs, as the code has it."""
        fit: Fit = fitting.fitted(self.rows, self.right, self.weight)
        return Curve(round(fit.intercept, 2), tuple(round(weight, 2) for weight in fit.weights), self.cap)


def footage(
    name: str, title: str, found: Sequence[Pair], gathered: Gathered, used: Curve, *, single: bool
) -> Sample:
    """Pairs of footage: of each copy with its clip, and of each query with the nearest of all that it has
    nothing to do with. Copies weigh PRIOR together, the others the rest, also those that are near to nothing.

    One picture that misleads is needed for a clip to mislead, so queries of both kinds bound the rate for
    clips.
    """
    right = np.array([pair.right for pair in found], dtype=np.bool_)
    copies, _ = gathered.compared.get((single, True), (0, 0))
    others, groups = gathered.compared.get((single, False), (0, 0))
    if not single:
        groups = max(groups, gathered.compared.get((True, False), (0, 0))[1])
    weight = np.where(right, PRIOR / max(copies, 1), (1 - PRIOR) / max(others, 1))
    score = np.array([pair.evidence.score for pair in found])
    highest = float(score[~right].max(initial=0.0))
    hits = float((score[right] > highest).sum()) / max(copies, 1)
    cap = fitting.rounded_down(fitting.cap(PRIOR, hits=hits, wrong=0, of=groups))
    basis = (
        f"{copies} copies, {others} queries against what they have nothing to do with\n"
        f"({groups} groups of footage or people), {int(right.sum())} and {int((~right).sum())} of them alike "
        f"to anything; the likest unrelated pair scores {highest:.2f}, {hits:.2f} of the copies more"
    )
    return Sample(
        name=name,
        title=title,
        rows=np.array([pair.evidence.features() for pair in found]).reshape(-1, len(FEATURES)),
        right=right,
        weight=weight * len(found) / max(float(weight.sum()), 1e-12),
        groups=tuple(pair.groups for pair in found),
        features=FEATURES,
        prior=PRIOR,
        cap=cap,
        basis=basis,
        used=used,
    )


def faces(name: str, title: str, found: Sequence[Faced], values: Sequence[float], used: Curve) -> Sample:
    """Copies of fakes (right) and of their originals, FACE_PRIOR to the fake. The cap is what Jeffreys' prior
    expects after n groups without an error, (n + 1/2) / (n + 1): many copies of few clips are few clips."""
    right = np.array([faced.right for faced in found], dtype=np.bool_)
    copies, others = max(int(right.sum()), 1), max(int((~right).sum()), 1)
    weight = np.where(right, FACE_PRIOR / copies, (1 - FACE_PRIOR) / others)
    fewest = min(
        len({faced.group for faced in found if faced.right}),
        len({faced.group for faced in found if not faced.right}),
    )
    return Sample(
        name=name,
        title=title,
        rows=np.array(values, dtype=np.float64).reshape(-1, 1),
        right=right,
        weight=weight * len(found),
        groups=tuple(frozenset({faced.group}) for faced in found),
        features=("cosine over the bar" if name == "FACES" else "log-odds of odds.weigh",),
        prior=FACE_PRIOR,
        cap=fitting.rounded_down((fewest + 0.5) / (fewest + 1)),
        basis=f"{copies} copies of fakes, {others} of their originals, each of {fewest} groups or more",
        used=used,
    )


def judged(sample: Sample) -> tuple[dict[str, float], Curve | None]:
    """Print what held-out groups say; the figures, and the curve of all pairs (None: too few)."""
    print(f"\n{sample.title}: {sample.basis}")
    print(f"prior {sample.prior:g}, cap {sample.cap:.3f}")
    if not sample.enough:
        print(f"fewer than {LEAST} pairs of a kind: nothing is fitted")
        return {}, None
    held = fitting.held_out(sample.rows, sample.right, sample.weight, sample.groups)
    known = ~np.isnan(held)
    held = np.minimum(held[known], sample.cap)
    right, weight = sample.right[known], sample.weight[known]
    bins = reliability.bins(held, right, weight)
    error, loss = reliability.calibration_error(bins), reliability.log_loss(held, right, weight)
    print("groups that it was not fitted on, weighed by the prior:")
    reliability.show(bins)
    plain = reliability.bins(held, right)
    print(f"expected calibration error {error:.4f}, log loss {loss:.4f} nats; pairs as they came:")
    reliability.show(plain)
    _without(sample)
    curve = sample.fit()
    name = sample.name.lower()
    return {
        f"{name}_calibration_error": error,
        f"{name}_log_loss": loss,
        f"{name}_cap": sample.cap,
        f"{name}_right_from_95": _share(held, right, weight, 0.95),
    }, curve


def _without(sample: Sample) -> None:
    """What each feature is worth: the held-out log loss of a curve that lacks it."""
    for place, feature in enumerate(sample.features if len(sample.features) > 1 else ()):
        rows = np.delete(sample.rows, place, axis=1)
        held = fitting.held_out(rows, sample.right, sample.weight, sample.groups)
        known = ~np.isnan(held)
        held = np.minimum(held[known], sample.cap)
        loss = reliability.log_loss(held, sample.right[known], sample.weight[known])
        print(f"  without {feature}: log loss {loss:.4f}")


def _share(held: Floats, right: Bools, weight: Floats, least: float) -> float:
    """Share that was right of what was given at least this."""
    sure = held >= least
    return float((right[sure] * weight[sure]).sum() / weight[sure].sum()) if sure.any() else 1.0


def same(sample: Sample, curve: Curve) -> bool:
    """Whether the code's curve says of these pairs what the fitted one does."""
    if len(sample.used.weights) != len(curve.weights):
        return False
    both = [
        np.minimum(Fit(item.intercept, item.weights)(sample.rows), item.cap) for item in (sample.used, curve)
    ]
    return float(np.abs(both[0] - both[1]).max()) <= SAME


def line(sample: Sample, curve: Curve) -> str:
    """The line of code that holds the curve."""
    weights = ", ".join(f"{weight:g}" for weight in curve.weights)
    weights += "," if len(curve.weights) == 1 else ""
    return (
        f"{sample.name}: Final = Curve(intercept={curve.intercept:g}, weights=({weights}), cap={curve.cap:g})"
    )
