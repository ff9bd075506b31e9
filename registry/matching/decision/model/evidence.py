"""What the faces along an aligned span prove: the same, another person's, or undecided. Pure."""

from __future__ import annotations

from typing import Final, Literal

import numpy as np

from registry.catalogue.entries.model.entry import Manipulation
from registry.matching.alignment.model.align import Aligned
from registry.matching.alignment.model.faces import FaceEvidence

Judgement = Literal["same", "other", "undecided", "none"]

FACE_SAME: Final = (0.58, 0.80)
"""Mean cosine from which aligned faces are the same: for faces of 70 pixels and fewer, and of 150 and more.
Measured on 26 real face swaps as sent by a messaging app: faces of 78-211 pixels, copies .80-.96, their
originals .10-.59. At 320 pixels and CRF 38, faces of 55-130 pixels: copies .41-.71, originals .10-.45."""
FACE_OTHER: Final = (0.44, 0.68)
"""Mean cosine below which the faces are another person's. Between the two the result is undecided."""
FACE_PIXELS: Final = (70.0, 150.0)
FACE_LOST: Final = 0.13
"""Subtracted from both thresholds, times 1 - quality: compression makes a face less like itself and less like
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
    """Return the cosine from which faces are the same, by size in pixels and quality of the poorer face.

    Heavy compression makes a face less like itself, so the threshold follows the query.
    """
    return _by_size(pixels, FACE_SAME) - FACE_LOST * (1 - quality)


def other_bar(pixels: float, quality: float = 1.0) -> float:
    """Return the cosine below which faces of this size and quality belong to two persons."""
    return _by_size(pixels, FACE_OTHER) - FACE_LOST * (1 - quality)


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

    `preservation`: how well the picture is preserved, 0 to 1.

    A fake made by moving the mouth has the face of its footage. For `lip_sync` the mouth must be known to
    move alike; for other manipulations it must not be known to move differently. A face swap of a few seconds
    has the footage's face in all others, so no moment may show another face.
    """
    if evidence.cosine is None:
        return "none"
    if evidence.cosine < other_bar(evidence.pixels, evidence.quality):
        return "other"
    if not evidence.complete:
        return "none"
    bar = face_bar(evidence.pixels, evidence.quality) + FACE_KEPT * preservation
    alike = evidence.cosine >= bar and _throughout(evidence)
    return "same" if alike and _moves_alike(evidence, manipulation) else "undecided"


def _throughout(evidence: FaceEvidence) -> bool:
    worst = evidence.worst
    return worst is None or worst.cosine >= other_bar(worst.pixels, evidence.quality)


def _moves_alike(evidence: FaceEvidence, manipulation: Manipulation | None) -> bool:
    if manipulation == "lip_sync":
        return evidence.movement is not None and evidence.movement.same
    if evidence.movement is None:
        return True
    # A swapped face is evidence by itself. A crop that shifts the landmarks lowered a copy's mouth to .28.
    return not (evidence.movement.contrary if manipulation == "face_swap" else evidence.movement.other)
