"""Confidence of a match: logistic curves fitted to pairs with known truth.

A curve is `logit P = intercept + weights x evidence`. No weight is negative, so more evidence never lowers
the confidence. A curve holds for the PRIOR it was fitted with; for another base rate add `logit(own) -
logit(PRIOR)`. Each curve has a cap, since the data supports no higher confidence.

All figures here come from `make bench-calibration EVAL=FOLDER`, which prints these lines and checks that they
are in use. It uses pairs of a query and a registered clip. True pairs come from the edits of the accuracy
benchmark. False pairs come from unrelated clips, compared without a threshold so that there are enough of
them. Cross-validation has 5 folds: no group of footage is in both the training and the test set.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from registry.matching.alignment.model.align import Aligned
from registry.matching.alignment.model.similarity import HASH_FLOOR, PAIR_MIN, SSCD_FLOOR

PRIOR: Final = 0.5
"""Assumed share of lookups that show something registered. The others meet their nearest neighbour in a
registry of the benchmark's size. Lower the odds if the share is smaller or the registry is far larger."""
FACE_PRIOR: Final = 0.5
"""Probability, before faces are compared, that a fake's footage is the fake and not its original."""
QUIET: Final = PAIR_MIN
LOUD: Final = 0.42
"""Least and most score (QUIET, LOUD) that another entry reaches by chance. A higher score means the same
footage."""
EXACT: Final = 0.999
"""Confidence of the identical file."""
USUAL: Final = 0.45
"""Share of a span's moments that agree in nearly all copies. Below it, the score is scaled down in
proportion."""
FEATURES: Final = ("score", "agreement", "margin")
"""Features of the footage curves. The number of agreeing pictures is no feature: single pictures have a curve
of their own. Counting more pictures did worse on held-out footage (log loss .066 against .044 nats, 320
copies). So did the covered share of the clip (.22 against .15, 311 copies of an earlier set): two speakers in
one studio are alike in every picture, throughout."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Evidence that a span shows an asset.

    `score`: mean similarity, 0-1. `agreement`: similarity by the lesser of hashes and SSCD, 0-1. `margin`:
    `score` minus that of the nearest unrelated entry. `single`: there is only one picture.
    """

    score: float
    agreement: float
    margin: float
    single: bool

    def features(self) -> tuple[float, ...]:
        """Return the features in the order of FEATURES; each raises the probability."""
        return (self.score, self.agreement, self.margin)


@dataclass(frozen=True, slots=True)
class Curve:
    """Logistic curve: `intercept` and a weight per feature, as log-odds. `cap`: its highest probability."""

    intercept: float
    weights: tuple[float, ...]
    cap: float

    def __call__(self, *features: float) -> float:
        """Return a probability, 0 to `cap`."""
        return self.probability(self.odds(*features))

    def odds(self, *features: float) -> float:
        """Return log-odds, which can be added to those of other evidence."""
        return self.intercept + sum(w * x for w, x in zip(self.weights, features, strict=True))

    def probability(self, odds: float) -> float:
        """Return the probability of log-odds, 0 to `cap`."""
        return min(self.cap, logistic(odds))


CLIPS: Final = Curve(intercept=-4.41, weights=(12.01, 2.23, 8.07), cap=0.99)
SINGLES: Final = Curve(intercept=-2.77, weights=(8.69, 0.79, 8.73), cap=0.99)
FACES: Final = Curve(intercept=2.2, weights=(21.41,), cap=0.976)
COMPETITORS: Final = Curve(intercept=0.38, weights=(0.66,), cap=0.976)
MOMENTS: Final = Curve(-0.92, (20.33, 12.83, 27.82, 3.44, 6.86, 2.53, 1.35), cap=0.99)
"""Evidence of SSCD, hashes, faces and mosaics that the moments are the same; shared cuts after the first; and
how much of frames and of mosaics was compared, which counts against (`scene_consistency.Motion.features`).

Fitted to 421 parts of copies and 234 of other moments, of 16 clips of the development half, with and without
mosaics (decision 123). The weight of cuts is from an earlier fit, since few of these clips have any. `make
bench-recipes` prints its own curve. The prior assumes that every second excerpt of a scene shows other
moments."""


def logistic(odds: float) -> float:
    """Convert log-odds to a probability."""
    return 1 / (1 + math.exp(-max(min(odds, 60.0), -60.0)))


def observed(aligned: Aligned, *, single: bool, background: float = QUIET) -> Evidence:
    """Return the evidence of an aligned span.

    `background`: best score of another entry over the same seconds, if it is too low to be certain footage.
    """
    usual = min(1.0, aligned.share / USUAL)
    score = usual * aligned.score
    frames = aligned.frames
    by_hash = (HASH_FLOOR - frames.bits) / HASH_FLOOR
    by_sscd = (frames.sscd - SSCD_FLOOR) / (1 - SSCD_FLOOR)
    least = np.minimum(np.maximum(np.minimum(by_hash, by_sscd), 0), 1)
    agreement = usual * float(least.mean()) if len(frames) else 0.0
    return Evidence(
        score=score,
        agreement=agreement,
        margin=score - min(max(background, QUIET), LOUD),
        single=single,
    )


def footage(evidence: Evidence) -> float:
    """Return the probability that the span shows the asset's footage. A single picture must also pass its own
    curve."""
    features = evidence.features()
    return min(CLIPS(*features), SINGLES(*features)) if evidence.single else CLIPS(*features)


def same_face(apart: float) -> float:
    """Return the probability that the faces are the fake's. `apart`: cosine minus the threshold for faces of
    their size."""
    return FACES(apart)


def nearer(odds: float) -> float:
    """Return the probability that the nearer of a fake and its original is the right one. `odds`: as from
    `odds.weigh`."""
    return COMPETITORS(odds)


def coarse(exact: float | None) -> float | None:
    """Return the confidence that callers without the scope `signals` see; None if there is none.

    Near the threshold, the confidence of one picture changes with every bit of its hash. Exact figures would
    let a caller modify a fake until it passes, or reconstruct a stored hash bit by bit.
    """
    return None if exact is None else rounded(exact)


def rounded(exact: float) -> float:
    """Round to .05, at most .95: rounding must not claim a certainty that the evidence does not support."""
    return min(round(round(exact * 20) / 20, 2), 0.95)
