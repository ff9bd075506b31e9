"""One asset that answers a query: its aligned spans, and what each says by itself.

A footage match says "same pictures". What it means for one span is its `relation`: `copy` of the fake,
`same_footage_other_face`, `original`, or None where it cannot be told.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal

from registry.domain import align, faces
from registry.domain.align import Aligned
from registry.domain.entry import Candidate, Query
from registry.domain.faces import FaceEvidence, Judgement

Relation = Literal["copy", "same_footage_other_face", "original", "same_person"]

FACE_SAME: Final = (0.58, 0.74)
"""Mean cosine from which aligned faces are the same: for faces of 70 pixels and fewer, of 120 and more.

Measured on 19 real face-swaps: copies as a messaging app sends them .81-.98, their originals .19-.61; copies
at 320 pixels and CRF 38 (faces of 55-130 pixels) .60-.87, their originals .10-.54.
"""
FACE_PIXELS: Final = (70.0, 120.0)
FACE_DOUBT: Final = 0.08
"""How far under that the faces are still neither the same nor another's."""
MIN_FACES: Final = 2
"""Pairs of faces needed to judge a video."""

EXACT: Final = 40.0
"""Log-odds of the very same file."""

STRONG: Final = 0.42
"""Mean similarity from which a span is footage of the asset beyond doubt: SSCD .68, or 46 bits of 256.

Unrelated clips reach .22 (8,102 pairs), two speakers in one studio before one camera .33 (SSCD .63, and each
of their frames alike, so that more frames are no more evidence).
"""
WEAK: Final = 0.27
"""Mean similarity under which a span is chance."""


@dataclass(frozen=True, slots=True)
class Match:
    """One aligned span of one candidate. `exact`: the very same file."""

    candidate: Candidate
    aligned: Aligned
    faces: FaceEvidence
    judgement: Judgement
    exact: bool

    @property
    def strong(self) -> bool:
        """Whether the footage by itself is beyond doubt."""
        return self.exact or self.aligned.score >= STRONG

    @property
    def single(self) -> bool:
        """Whether one frame of either side is all there is."""
        return not self.exact and min(self.aligned.frames, self.aligned.asset_frames) < 2


def find(query: Query, candidate: Candidate) -> tuple[Match, ...]:
    """The spans in which `query` shows `candidate`, best first; chance likenesses are left out."""
    exact = query.sha256 is not None and query.sha256 == candidate.sha256
    found = align.align(
        query.frames,
        candidate.frames,
        query_duration=query.duration,
        asset_duration=candidate.duration,
    )
    if exact:
        found = (_whole(query, candidate, found),)
    matches = []
    for one in found:
        evidence = faces.compare(query.faces, candidate.faces, one)
        least = 1 if one.frames < 2 else MIN_FACES
        match = Match(candidate, one, evidence, judge(evidence, least=least), exact)
        if exact or one.score >= WEAK:
            matches.append(match)
    return tuple(matches)


def face_bar(pixels: float) -> float:
    """The cosine from which faces are the same, for the size of the smaller face in pixels: what is left of a
    face after heavy compression is less like itself, so the threshold follows the query."""
    low, high = FACE_PIXELS
    share = min(max((pixels - low) / (high - low), 0.0), 1.0)
    return FACE_SAME[0] + (FACE_SAME[1] - FACE_SAME[0]) * share


def judge(evidence: FaceEvidence, *, least: int = MIN_FACES) -> Judgement:
    """Are the faces the same? `none` with fewer than `least` pairs to compare."""
    if evidence.cosine is None or evidence.compared < least:
        return "none"
    bar = face_bar(evidence.pixels)
    if evidence.cosine >= bar:
        return "same"
    return "other" if evidence.cosine < bar - FACE_DOUBT else "undecided"


def nearer(fake: Match, original: Match) -> float:
    """How much nearer the query is to the fake than to the original: log-odds, 0 where it cannot be told.

    Faces say most, since they are what was changed; the picture as a whole (SSCD chose rightly on 115 of 116
    re-encoded frames) says the rest.
    """
    odds = EXACT * (fake.exact - original.exact)
    if fake.faces.cosine is not None and original.faces.cosine is not None:
        odds += 12.0 * (fake.faces.cosine - original.faces.cosine)
    if fake.aligned.sscd is not None and original.aligned.sscd is not None:
        odds += 60.0 * (fake.aligned.sscd - original.aligned.sscd)
    if fake.aligned.phash is not None and original.aligned.phash is not None:
        odds += 30.0 * (fake.aligned.phash - original.aligned.phash)
    return odds


def footage_confidence(match: Match) -> float:
    """The probability that the span is the asset's footage, from how alike and how many frames.

    A logistic curve through the figures of the first release; capped at .99, where the evidence ends.
    """
    if match.exact:
        return 0.999
    frames = min(match.aligned.frames, match.aligned.asset_frames)
    odds = 14.0 * (match.aligned.score - 0.3) + 0.9 * math.log2(frames) + 0.3
    return min(0.99, 1 / (1 + math.exp(-odds)))


def _whole(query: Query, candidate: Candidate, found: tuple[Aligned, ...]) -> Aligned:
    """The alignment of a file with itself: all of it, whatever the frames can tell."""
    times = tuple(query.frames.instants().tolist())
    best = found[0] if found else None
    return Aligned(
        span=align.Span((0.0, query.duration), (0.0, candidate.duration), 1.0, False),
        query_times=times,
        asset_times=times,
        frames=max(len(times), 1),
        asset_frames=max(len(times), 1),
        score=1.0,
        phash=best.phash if best else None,
        sscd=best.sscd if best else None,
    )
