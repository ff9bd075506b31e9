"""One asset that answers a query: its aligned spans, and what each says by itself.

A footage match says "same pictures". What it means for one span is its `relation`: `copy` of the fake,
`same_footage_other_face`, `original`, or None where it cannot be told.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, Literal
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from registry.catalogue.entries.model.entry import Candidate, Manipulation, Policy, Query, rank
from registry.catalogue.fingerprints.model import distance
from registry.catalogue.fingerprints.model.timeline import FaceTimeline
from registry.core.numbers import Floats
from registry.matching.alignment.model import align, similarity
from registry.matching.alignment.model.align import Aligned
from registry.matching.alignment.model.temporal_voting import Line
from registry.matching.decision.model import confidence, faces
from registry.matching.decision.model.faces import MIN_PAIRS, FaceEvidence, Judgement

Area = tuple[float, float, float, float]
"""A part of the picture: left, top, right, bottom, 0-1."""
Relation = Literal["copy", "same_footage_other_face", "original", "same_person", "audio"]

FACE_SAME: Final = (0.58, 0.80)
"""Mean cosine from which aligned faces are the same: for faces of 70 pixels and fewer, of 150 and more.

Measured on 26 real face-swaps as a messaging app sends them: faces of 78-211 pixels, copies .80-.96, their
originals .10-.59. At 320 pixels and CRF 38, faces of 55-130 pixels: copies .41-.71, originals .10-.45.
"""
FACE_OTHER: Final = (0.44, 0.68)
"""And under which they are another's; between, they are neither."""
FACE_PIXELS: Final = (70.0, 150.0)
FACE_KEPT: Final = 0.05
"""How much more like the fake's a face must be where the picture as a whole is kept well: what took likeness
from it was no compression. Measured on 12 swaps, and on the same half blended with their originals ..."""
PICTURE_KEPT: Final = (0.88, 0.93)
"""... by the median SSCD of the span: nothing is added up to the first, all of it from the second on. Copies
of 640 pixels at CRF 30 .92-.97, .10-.27 over the bar; the originals of blends .92-.99, up to .05 over it;
copies of 320 pixels at CRF 38 .61-.84, .16 under to .07 over it."""

FACE_ODDS: Final = 12.0
MOUTH_ODDS: Final = 6.0
"""Log-odds of a difference of 1 between fake and original, in likeness of faces and of mouths' moves."""

EXACT: Final = 40.0
"""Log-odds of the very same file."""

UNLIKE_SSCD: Final = 0.56
UNLIKE_BITS: Final = 64.0
"""Likeness of a moment that a span does not explain: just under that of a pair."""

BESIDE: Final = 0.1
"""Share of the smaller area under which two areas lie beside each other ..."""
BESIDE_MOMENTS: Final = 0.8
"""... in this share of the moments that both matches explain."""
ONE_PART: Final = 0.7
"""Overlap over union from which two areas are the same part of the picture."""


@dataclass(frozen=True)
class Match:
    """One aligned span of one candidate. `exact`: the very same file. `area`: the part of the picture that it
    is held to, where the other of fake and original is seen in another (see
    `matching.alignment.model.parts`)."""

    candidate: Candidate
    aligned: Aligned
    faces: FaceEvidence
    judgement: Judgement
    exact: bool
    still: bool
    query_faces: FaceTimeline
    least: int = MIN_PAIRS
    background: float = confidence.QUIET
    """The best score of another entry over the same seconds that is less than footage beyond doubt."""
    area: Area | None = None

    @property
    def score(self) -> float:
        """Mean similarity of the aligned frames, 0-1."""
        return 1.0 if self.exact else self.aligned.score

    @cached_property
    def footage(self) -> float:
        """The probability that the span is the asset's footage, whatever its faces are."""
        if self.exact:
            return confidence.EXACT
        seen = confidence.observed(self.aligned, single=self.single, background=self.background)
        return confidence.footage(seen)

    @property
    def strong(self) -> bool:
        """Whether the footage by itself is sure enough for the bank it stands in."""
        return self.exact or self.footage >= self.candidate.policy.min_confidence

    @property
    def shown(self) -> bool:
        """Whether it is sure enough, and trusted enough, for its bank to be named at all."""
        return self.candidate.counts and (self.exact or self.footage >= self.candidate.policy.min_related)

    @property
    def weighed(self) -> bool:
        """Whether it is sure enough to be held against others, whatever its bank shows: an original
        protects the genuine clip in a strict bank too."""
        return self.shown or self.footage >= Policy().min_related

    @property
    def single(self) -> bool:
        """Whether one picture of either side is all there is."""
        return not self.exact and (self.still or self.aligned.pictures < 2)

    def part(self, kept: NDArray[np.bool_]) -> tuple[Match, ...]:
        """The match for some of its aligned moments."""
        if self.exact or kept.all():
            return (self,)
        return tuple(self._for(item) for item in self.aligned.part(kept))

    def seen_in(self, area: Area, aligned: Aligned) -> Match:
        """The match for a part of the picture, `aligned` being what that shows of it."""
        return replace(self._for(aligned), area=area)

    def _for(self, aligned: Aligned) -> Match:
        evidence = _faces(self.query_faces, self.candidate, aligned, self.least)
        return replace(
            self,
            aligned=aligned,
            faces=evidence,
            judgement=judge(evidence, self.candidate.manipulation, kept=kept(aligned)),
        )


Alignments = dict[UUID, tuple[Aligned, ...]]
"""What was aligned already in one lookup, by asset: in a campaign one original stands in many entries."""


def find(query: Query, candidate: Candidate, known: Alignments | None = None) -> tuple[Match, ...]:
    """The spans in which `query` shows `candidate`, best first; chance likenesses are left out."""
    exact = query.sha256 is not None and query.sha256 == candidate.sha256
    known = {} if known is None else known
    if candidate.asset_id not in known:
        known[candidate.asset_id] = align.align(
            query.frames,
            candidate.frames,
            query_duration=query.duration,
            asset_duration=candidate.duration,
        )
    found = known[candidate.asset_id]
    if exact:
        found = (_whole(query, candidate, found),)
    return matches(query, candidate, found, exact=exact)


def matches(
    query: Query, candidate: Candidate, found: Iterable[Aligned], *, exact: bool = False
) -> tuple[Match, ...]:
    """What aligned spans of a candidate say, without those that are too little to be weighed."""
    still = "image" in {query.kind, candidate.kind}
    # Keyframes are seconds apart: a person who is shown for a while is in one of them.
    least = 1 if query.sparse else MIN_PAIRS
    made = []
    for aligned in found:
        evidence = _faces(query.faces, candidate, aligned, least)
        match = Match(
            candidate,
            aligned,
            evidence,
            judge(evidence, candidate.manipulation, kept=kept(aligned)),
            exact,
            still,
            query.faces,
            least,
        )
        if match.weighed:
            made.append(match)
    return tuple(made)


def against(found: Sequence[Match], candidates: Iterable[Candidate], known: Alignments) -> list[Match]:
    """The matches, each held against what other entries reach over the same seconds; without those that are
    then too little to be weighed. A stranger's unreviewed entry takes nothing from others: he could make one
    that is a little like anything."""
    others = [
        (candidate, item)
        for candidate in candidates
        for item in known.get(candidate.asset_id, ())
        if confidence.QUIET < item.score < confidence.LOUD
    ]
    weighed = []
    for match in found:
        rest = [
            one.score
            for candidate, one in others
            if candidate.entry_id != match.candidate.entry_id
            and _counts(candidate, match.candidate)
            and candidate.asset_id != match.candidate.asset_id
            and _meet(one.span.query, match.aligned.span.query)
        ]
        weighed.append(replace(match, background=max(rest)) if rest else match)
    return [match for match in weighed if match.weighed]


def _counts(other: Candidate, mine: Candidate) -> bool:
    """Whether an entry is trusted enough to cast doubt on another."""
    return other.own or (other.trust != "unreviewed" and rank(other.trust) >= rank(mine.trust))


def _meet(pair: tuple[float, float], other: tuple[float, float]) -> bool:
    return min(pair[1], other[1]) >= max(pair[0], other[0])


def _faces(query_faces: FaceTimeline, candidate: Candidate, aligned: Aligned, least: int) -> FaceEvidence:
    least = 1 if len(aligned.frames) < 2 else least
    return faces.compare(query_faces, candidate.faces, aligned, least=least)


def face_bar(pixels: float) -> float:
    """The cosine from which faces are the same, for the size of the smaller face in pixels: what is left of a
    face after heavy compression is less like itself, so the threshold follows the query."""
    return _by_size(pixels, FACE_SAME)


def other_bar(pixels: float) -> float:
    """The cosine under which faces of this size are two persons'."""
    return _by_size(pixels, FACE_OTHER)


def _by_size(pixels: float, bars: tuple[float, float]) -> float:
    low, high = FACE_PIXELS
    share = min(max((pixels - low) / (high - low), 0.0), 1.0)
    return bars[0] + (bars[1] - bars[0]) * share


def kept(aligned: Aligned) -> float:
    """0 to 1: how well the picture is kept along a span, by the median SSCD; 0 where there is none."""
    known = aligned.frames.sscd[aligned.frames.sscd > -1]
    low, high = PICTURE_KEPT
    return min(max((float(np.median(known)) - low) / (high - low), 0.0), 1.0) if len(known) else 0.0


def judge(
    evidence: FaceEvidence, manipulation: Manipulation | None = None, *, kept: float = 0.0
) -> Judgement:
    """Are the faces the same? `none` where there is nothing to compare, or a main face is missing. `kept`:
    how well the picture is, 0 to 1.

    What was made from footage by moving its mouth has the footage's face: for `lip_sync` the mouth must be
    known to move alike, for anything else it must not be known to move otherwise. What was swapped for some
    seconds only has the footage's face in all others: no moment may show another.
    """
    if evidence.cosine is None:
        return "none"
    if evidence.cosine < other_bar(evidence.pixels):
        return "other"
    if not evidence.complete:
        return "none"
    bar = face_bar(evidence.pixels) + FACE_KEPT * kept
    alike = evidence.cosine >= bar and _throughout(evidence)
    return "same" if alike and _moves_alike(evidence, manipulation) else "undecided"


def _throughout(evidence: FaceEvidence) -> bool:
    worst = evidence.worst
    return worst is None or worst.cosine >= other_bar(worst.pixels)


def _moves_alike(evidence: FaceEvidence, manipulation: Manipulation | None) -> bool:
    if manipulation == "lip_sync":
        return evidence.movement is not None and evidence.movement.same
    if evidence.movement is None:
        return True
    # A swapped face is evidence by itself; a crop that moves the landmarks took a copy's mouth to .28.
    return not (evidence.movement.contrary if manipulation == "face_swap" else evidence.movement.other)


def weigh(fake: Match, original: Match) -> tuple[float, NDArray[np.bool_], NDArray[np.bool_]]:
    """How much nearer the query is to the fake than to the original, as log-odds, and the moments of the
    fake's span and of the original's for which that is said: those of the seconds that both show.

    Moments count by how much the two assets differ there: an edit of four seconds in twenty leaves
    sixteen that say nothing. Faces say most, since they are what was changed; the picture as a whole (SSCD
    chose rightly on 115 of 116 re-encoded frames) says the rest.
    """
    if fake.exact or original.exact:
        one, other = (np.ones(len(side.aligned.frames), dtype=np.bool_) for side in (fake, original))
        return EXACT * (fake.exact - original.exact), one, other
    times = _together(fake.aligned, original.aligned)
    common = np.isin(fake.aligned.frames.query, times)
    there = np.isin(original.aligned.frames.query, times)
    if not common.any() or not there.any():
        return 0.0, common & False, there & False
    odds = similarity.nearer(_likeness(fake.aligned, times), _likeness(original.aligned, times))
    weighed = average(odds, differ(fake, original, times))
    total = weighed + _face_odds(fake, original, common, there)
    return total if abs(total) >= similarity.TIE else 0.0, common, there


def average(odds: Floats, weights: Floats) -> float:
    """The mean of the moments' log-odds; where all weights are next to nothing, all count alike."""
    total = float(weights.sum())
    return float((odds * weights).sum()) / total if total > 1e-6 else float(odds.mean())


def _together(aligned: Aligned, other: Aligned) -> Floats:
    """The moments of the query that lie in both spans and that either of them explains."""
    start = max(aligned.span.query[0], other.span.query[0])
    end = min(aligned.span.query[1], other.span.query[1])
    times = np.union1d(aligned.frames.query, other.frames.query)
    return times[(times >= start - 1e-6) & (times <= end + 1e-6)]


def _likeness(aligned: Aligned, times: Floats) -> tuple[Floats, Floats]:
    """(k,) cosines and hash distances at these moments; where the span does not explain one, what is just too
    little to be a pair; where an algorithm did not run, the same for every span."""
    sscd, bits = np.full(len(times), UNLIKE_SSCD), np.full(len(times), UNLIKE_BITS)
    at, frames = np.searchsorted(times, aligned.frames.query), aligned.frames
    inside = (at < len(times)) & np.isin(frames.query, times)
    sscd[at[inside]] = np.where(frames.sscd[inside] > -1, frames.sscd[inside], UNLIKE_SSCD)
    bits[at[inside]] = np.minimum(frames.bits[inside], UNLIKE_BITS)
    return sscd, bits


def _face_odds(fake: Match, original: Match, common: NDArray[np.bool_], there: NDArray[np.bool_]) -> float:
    pair = (fake.part(common), original.part(there))
    if not all(pair):
        return 0.0
    near, far = pair[0][0].faces, pair[1][0].faces
    moves = near.movement.mouth - far.movement.mouth if near.movement and far.movement else 0.0
    looks = near.cosine - far.cosine if near.cosine is not None and far.cosine is not None else 0.0
    return FACE_ODDS * looks + MOUTH_ODDS * moves


def differ(fake: Match, original: Match, times: Floats) -> Floats:
    """(k,) how different the two assets' own frames are at these moments of the query."""
    left, right = fake.candidate.frames, original.candidate.frames
    i, j = left.nearest(_on(fake, times)), right.nearest(_on(original, times))
    cosine = np.einsum("ij,ij->i", left.sscd[i], right.sscd[j])
    known = left.has_sscd[i] & right.has_sscd[j]
    bits = np.unpackbits(left.phash256[i] ^ right.phash256[j], axis=1).sum(axis=1)
    hashed = left.has_phash256[i] & right.has_phash256[j]
    apart = np.where(known, np.maximum(1 - cosine, 0), 0) + np.where(hashed, bits / distance.HASH_BITS, 0)
    return np.asarray(apart, dtype=np.float64)


def _on(match: Match, times: Floats) -> Floats:
    return match.aligned.line.speed * times + match.aligned.line.start


def apart(match: Match, other: Match) -> bool:
    """Whether two matches speak of different parts of the picture, as where a fake stands beside its
    original. Of a fake and an original that is so only where each part was found to show one of them, since
    either is like all that shows their footage."""
    if match.candidate.role != other.candidate.role:
        parts = (match.area, other.area)
        return all(parts) and union(*(np.array(area) for area in parts)) < ONE_PART
    left, right = match.aligned.frames, other.aligned.frames
    _, i, j = np.intersect1d(left.query, right.query, return_indices=True)
    if not len(i):
        return False
    first, second = left.areas[i], right.areas[j]
    smaller = np.minimum(_size(first), _size(second))
    return bool(np.mean(_shared(first, second) < BESIDE * smaller) >= BESIDE_MOMENTS)


def union(floats: Floats, other: Floats) -> float:
    """Intersection over union of two areas (4,), 0-1."""
    common = float(_shared(floats, other))
    return common / max(float(_size(floats) + _size(other)) - common, 1e-6)


def _shared(floats: Floats, other: Floats) -> Floats:
    """(...): the area that areas (..., 4) have in common."""
    sides = np.minimum(floats[..., 2:], other[..., 2:]) - np.maximum(floats[..., :2], other[..., :2])
    return np.asarray(np.prod(np.maximum(sides, 0), axis=-1), dtype=np.float64)


def _size(area: Floats) -> Floats:
    return np.asarray(np.prod(area[..., 2:] - area[..., :2], axis=-1), dtype=np.float64)


def _whole(query: Query, candidate: Candidate, found: tuple[Aligned, ...]) -> Aligned:
    """The alignment of a file with itself: all of it, whatever the frames can tell."""
    frames = found[0].frames if found else _no_frames()
    span = align.Span((0.0, query.duration or candidate.duration), (0.0, candidate.duration), 1.0, False)
    limits = (query.duration, candidate.duration)
    return Aligned(span, frames, Line(1.0, 0.0), max(len(frames), 1), limits, 0.5)


def _no_frames() -> align.Frames:
    none = np.empty(0)
    return align.Frames(none, none, none, none, none, none, none, areas=none.reshape(0, 4))
