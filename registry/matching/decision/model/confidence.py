"""How likely a match is what it seems to be: curves fitted to pairs whose truth is known.

A curve is a logistic one: `logit P = intercept + weights x evidence`, no weight negative, so that more
evidence never says less. It holds for the PRIOR that it was fitted with; who knows their own adds
`logit(own) - logit(PRIOR)`. Beyond the evidence that it rests on nothing is claimed: each curve has a cap.

Everything numeric here comes from `make bench-calibration EVAL=FOLDER`, which prints these lines and says
whether they are the ones in use: pairs of a query and a registered clip, true ones from the edits of the
accuracy benchmark, false ones from clips that have nothing to do with each other, compared without a
threshold so that there are some to learn from. A group of footage was never fitted on and judged at once (5
folds).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from registry.matching.alignment.model.align import Aligned
from registry.matching.alignment.model.similarity import HASH_FLOOR, PAIR_MIN, SSCD_FLOOR

PRIOR: Final = 0.5
"""Share of lookups, assumed, that show something registered; the others meet what is nearest to them in a
registry as large as the benchmark's. Where fewer do, or far more is registered, take the odds down."""
FACE_PRIOR: Final = 0.5
"""Given a fake's footage, how likely it is the fake and not what it was made from, before faces are
compared."""
QUIET: Final = PAIR_MIN
LOUD: Final = 0.42
"""What other entries reach by chance, at least and at most: those that are more alike are the same
footage."""
EXACT: Final = 0.999
"""Of the very same file."""
USUAL: Final = 0.45
"""Share of a span's moments that agree in nearly all copies; of less, the likeness counts in proportion."""
FEATURES: Final = ("score", "agreement", "margin")
"""What the curves of footage weigh. How many pictures agree is told by one picture having a curve of its
own. To count more of them did worse on footage held out (log loss .066 against .044 nats, 320 copies), and
so did the share of the clip that is covered (.22 against .15, 311 copies of an earlier set): two speakers in
one studio are alike in each picture, and all along."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What says that a span shows an asset. `score`: mean similarity, 0-1. `agreement`: how alike by the
    lesser of hashes and SSCD, 0-1. `margin`: `score` over the nearest unrelated entry's. `single`: one
    picture is all there is."""

    score: float
    agreement: float
    margin: float
    single: bool

    def features(self) -> tuple[float, ...]:
        """In the order of FEATURES, each growing with belief."""
        return (self.score, self.agreement, self.margin)


@dataclass(frozen=True, slots=True)
class Curve:
    """Log-odds: `intercept` and a weight a feature. `cap`: the most that its evidence bears."""

    intercept: float
    weights: tuple[float, ...]
    cap: float

    def __call__(self, *features: float) -> float:
        """A probability, 0 to `cap`."""
        odds = self.intercept + sum(w * x for w, x in zip(self.weights, features, strict=True))
        return min(self.cap, logistic(odds))


CLIPS: Final = Curve(intercept=-4.41, weights=(12.01, 2.23, 8.07), cap=0.99)
SINGLES: Final = Curve(intercept=-2.77, weights=(8.69, 0.79, 8.73), cap=0.99)
FACES: Final = Curve(intercept=2.2, weights=(21.41,), cap=0.976)
RIVALS: Final = Curve(intercept=0.38, weights=(0.66,), cap=0.976)
MOMENTS: Final = Curve(intercept=-2.93, weights=(11.42, 6.17, 6.84, 6.86), cap=0.99)
"""Fitted to halves of 49 clips and of their copies (`tests/bench/accuracy/media/excerpts.py`; `make
bench-accuracy` prints the curve of its own). Every second excerpt of a scene is assumed to be of other
moments."""


def logistic(odds: float) -> float:
    """The probability of log-odds."""
    return 1 / (1 + math.exp(-max(min(odds, 60.0), -60.0)))


def observed(aligned: Aligned, *, single: bool, background: float = QUIET) -> Evidence:
    """The evidence of an aligned span. `background`: the best score of another entry over the same seconds
    that is less than footage beyond doubt."""
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
    """The probability that the span shows the asset's footage. One picture is held to a curve of its own."""
    features = evidence.features()
    return min(CLIPS(*features), SINGLES(*features)) if evidence.single else CLIPS(*features)


def same_face(apart: float) -> float:
    """The probability that the faces are the fake's, `apart` the cosine over the bar for faces of their
    size."""
    return FACES(apart)


def nearer(odds: float) -> float:
    """The probability that it is the nearer of a fake and its original, `odds` as `match.weigh` has them."""
    return RIVALS(odds)


def same_moments(sscd: float, bits: float, face: float, cuts: float) -> float:
    """The probability that footage of one scene shows the same moments of it: what `moments.Motion` weighs,
    0 to 1 each, and the shared `cuts` after the first."""
    return MOMENTS(sscd, bits, face, cuts)
