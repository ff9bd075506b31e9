"""What the faces along an aligned span prove: the same, another person's, or undecided. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

import numpy as np

from registry.catalogue.entries.model.entry import Manipulation
from registry.matching.alignment.model.align import Aligned
from registry.matching.alignment.model.faces import FaceEvidence

Judgement = Literal["same", "other", "undecided", "none"]

BOUND: Final = 2.94
"""Log-odds that decide, either way: ln 19, for 5 % of errors (Wald, "Sequential tests of statistical
hypotheses", 1945)."""
FACE_EVEN: Final = (0.515, 0.735)
"""Mean cosine at which aligned faces may as well be another person's: for faces of 70 pixels and fewer, and
of 150 and more. Measured on 26 real face swaps as sent by a messaging app: faces of 78-211 pixels, copies
.80-.96, their originals .10-.59. At 320 pixels and CRF 38, faces of 55-130 pixels: copies .41-.71, originals
.10-.45."""
FACE_ODDS: Final = 45.0
"""Log-odds for each 1 of cosine, so that .065 over or under it decide."""
FACE_MOST: Final[Mapping[Manipulation | None, float]] = {"face_swap": 7.0, "lip_sync": 0.0}
"""Most that a face counts for the fake, by manipulation: the footage of a fake whose mouth was moved has the
same face ..."""
FACE_MOST_ELSE: Final = 5.0
"""... and a fake of unknown manipulation may be one."""
FACE_PIXELS: Final = (70.0, 150.0)
FACE_LOST: Final = 0.13
"""Subtracted from the threshold, times 1 - quality: compression makes a face less like itself and less like
any other. Measured on copies of four swaps and on 14 originals at 240 to 360 pixels, CRF 37 to 40. Copies of
faces over 80 pixels: .59 to .77 at qualities of .33 to .96. Nearest original: .44 at .38, .07 under it."""
FACE_KEPT: Final = 0.05
"""Added to the face threshold if the picture as a whole is well preserved: compression then does not explain
a lower cosine. Measured on 12 swaps, and on the same half blended with their originals."""
PICTURE_KEPT: Final = (0.88, 0.93)
"""Median SSCD of the span that scales FACE_KEPT: none of it up to the first value, all of it from the second.
Copies of 640 pixels at CRF 30 have .92-.97 and are .10-.27 over the threshold; the originals of blends have
.92-.99, up to .05 over it. Copies of 320 pixels at CRF 38 have .61-.84, .16 under to .07 over it."""


def face_bar(pixels: float, quality: float = 1.0) -> float:
    """Return the cosine from which faces alone are the same, by pixels and quality of the poorer face.

    Heavy compression makes a face less like itself, so the threshold follows the query.
    """
    return _even(pixels, quality) + BOUND / FACE_ODDS


def other_bar(pixels: float, quality: float = 1.0) -> float:
    """Return the cosine below which faces of this size and quality belong to two persons."""
    return _even(pixels, quality) - BOUND / FACE_ODDS


def face_odds(cosine: float, pixels: float, quality: float = 1.0) -> float:
    """Return the log-odds that a face is the fake's, and not another person's in the same footage."""
    return FACE_ODDS * (cosine - _even(pixels, quality))


def _even(pixels: float, quality: float) -> float:
    return _by_size(pixels, FACE_EVEN) - FACE_LOST * (1 - quality)


def _by_size(pixels: float, bars: tuple[float, float]) -> float:
    low, high = FACE_PIXELS
    share = min(max((pixels - low) / (high - low), 0.0), 1.0)
    return bars[0] + (bars[1] - bars[0]) * share


def picture_preservation(aligned: Aligned) -> float:
    """Return how well the picture is preserved along a span, 0 to 1, by the median SSCD; 0 without SSCD."""
    cosines = aligned.frames.sscd[aligned.frames.sscd > -1]
    low, high = PICTURE_KEPT
    return min(max((float(np.median(cosines)) - low) / (high - low), 0.0), 1.0) if len(cosines) else 0.0


def judge(
    evidence: FaceEvidence, manipulation: Manipulation | None = None, *, preservation: float = 0.0
) -> Judgement:
    """Tell whether the faces are the same; `none` without faces to compare or if a main face is missing.

    `preservation`: how well the picture is preserved, 0 to 1. A face swap of a few seconds has the footage's
    face in all others, so no moment may show another face.
    """
    if evidence.cosine is None:
        return "none"
    if face_odds(evidence.cosine, evidence.pixels, evidence.quality) < -BOUND:
        return "other"
    if not evidence.complete:
        return "none"
    odds = same_odds(evidence, evidence.cosine - FACE_KEPT * preservation, manipulation)
    return "same" if odds >= BOUND and _throughout(evidence) else "undecided"


def same_odds(evidence: FaceEvidence, cosine: float, manipulation: Manipulation | None) -> float:
    """Return the log-odds of face and mouth together that they are the fake's.

    A fake made by moving the mouth has the face of its footage, so for `lip_sync` a face that is the same
    counts nothing. The footage of other fakes has the same mouth, so there a mouth that moves alike counts
    nothing.
    """
    face = face_odds(cosine, evidence.pixels, evidence.quality)
    mouth = evidence.movement.odds if evidence.movement is not None else 0.0
    mouth = mouth if manipulation == "lip_sync" else min(mouth, 0.0)
    return min(face, FACE_MOST.get(manipulation, FACE_MOST_ELSE)) + mouth


def _throughout(evidence: FaceEvidence) -> bool:
    worst = evidence.worst
    return worst is None or face_odds(worst.cosine, worst.pixels, evidence.quality) >= -BOUND
