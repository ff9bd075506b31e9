"""Matches of one asset with a query: its aligned spans, and the evidence of each.

A footage match says that the pictures are the same. What it means for a span is its `relation`: `copy` of the
fake, `same_footage_other_face`, `original`, or None if it is unknown.
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
"""Part of the picture: left, top, right, bottom, 0-1."""
Relation = Literal["copy", "same_footage_other_face", "original", "same_person", "audio"]

FACE_SAME: Final = (0.58, 0.80)
"""Mean cosine from which aligned faces are the same: for faces of 70 pixels and fewer, and of 150 and more.
Measured on 26 real face swaps as sent by a messaging app: faces of 78-211 pixels, copies .80-.96, their
originals .10-.59. At 320 pixels and CRF 38, faces of 55-130 pixels: copies .41-.71, originals .10-.45."""
FACE_OTHER: Final = (0.44, 0.68)
"""Mean cosine below which the faces are another person's. Between the two the result is undecided."""
FACE_PIXELS: Final = (70.0, 150.0)
FACE_KEPT: Final = 0.05
"""Added to the face threshold if the picture as a whole is well preserved: compression then does not explain
a lower cosine. Measured on 12 swaps, and on the same half blended with their originals."""
PICTURE_KEPT: Final = (0.88, 0.93)
"""Median SSCD of the span that scales FACE_KEPT: none of it up to the first value, all of it from the second.
Copies of 640 pixels at CRF 30 have .92-.97 and are .10-.27 over the threshold; the originals of blends have
.92-.99, up to .05 over it. Copies of 320 pixels at CRF 38 have .61-.84, .16 under to .07 over it."""

FACE_ODDS: Final = 12.0
MOUTH_ODDS: Final = 6.0
"""Log-odds per difference of 1 in similarity to fake and original, of faces (FACE_ODDS) and mouth
movement."""

EXACT: Final = 40.0
"""Log-odds of the identical file."""

UNLIKE_SSCD: Final = 0.56
UNLIKE_BITS: Final = 64.0
"""Cosine and hash distance of a moment that a span does not explain: just too unlike to be a pair."""

BESIDE: Final = 0.1
"""Two areas lie beside each other if they share less than this part of the smaller one ..."""
BESIDE_MOMENTS: Final = 0.8
"""... in this share of the moments that both matches explain."""
ONE_PART: Final = 0.7
"""Intersection over union from which two areas are the same part of the picture."""


@dataclass(frozen=True)
class Match:
    """One aligned span of one candidate. `exact`: the file is identical. `area`: the part of the picture that
    the match is limited to, if a fake and an original are seen in different parts (see
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
    """Best score of another entry over the same seconds, if it is too low to be certain footage."""
    area: Area | None = None

    @property
    def score(self) -> float:
        """Mean similarity of the aligned frames, 0-1."""
        return 1.0 if self.exact else self.aligned.score

    @cached_property
    def footage(self) -> float:
        """Probability that the span is the asset's footage, whatever its faces are."""
        if self.exact:
            return confidence.EXACT
        seen = confidence.observed(self.aligned, single=self.single, background=self.background)
        return confidence.footage(seen)

    @property
    def strong(self) -> bool:
        """Whether the footage alone reaches the minimum confidence of its bank."""
        return self.exact or self.footage >= self.candidate.policy.min_confidence

    @property
    def shown(self) -> bool:
        """Whether the match is certain and trusted enough for its bank to show it at all."""
        return self.candidate.counts and (self.exact or self.footage >= self.candidate.policy.min_related)

    @property
    def weighed(self) -> bool:
        """Whether the match is certain enough to be compared with others, whatever its bank shows. An
        original protects the genuine clip in a strict bank too."""
        return self.shown or self.footage >= Policy().min_related

    @property
    def single(self) -> bool:
        """Whether either side has only one picture."""
        return not self.exact and (self.still or self.aligned.pictures < 2)

    def part(self, kept: NDArray[np.bool_]) -> tuple[Match, ...]:
        """Return the match limited to some of its aligned moments."""
        if self.exact or kept.all():
            return (self,)
        return tuple(self._for(item) for item in self.aligned.part(kept))

    def seen_in(self, area: Area, aligned: Aligned) -> Match:
        """Return the match limited to a part of the picture; `aligned` is what that part shows of it."""
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
"""Alignments of one lookup, by asset, computed once: in a campaign one original is in many entries."""


def find(query: Query, candidate: Candidate, known: Alignments | None = None) -> tuple[Match, ...]:
    """Return the spans in which `query` shows `candidate`, best first, without chance similarities."""
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
    """Turn aligned spans of a candidate into matches, without those too weak to be compared."""
    still = "image" in {query.kind, candidate.kind}
    # Keyframes are seconds apart: a person shown for a while may be in only one of them.
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
    """Compare each match with the scores of other entries over the same seconds, and drop those then too
    weak. A stranger's unreviewed entry lowers no other match: otherwise anybody could register something
    vaguely similar to everything."""
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
    """Tell whether an entry is trusted enough to cast doubt on another."""
    return other.own or (other.trust != "unreviewed" and rank(other.trust) >= rank(mine.trust))


def _meet(pair: tuple[float, float], other: tuple[float, float]) -> bool:
    return min(pair[1], other[1]) >= max(pair[0], other[0])


def _faces(query_faces: FaceTimeline, candidate: Candidate, aligned: Aligned, least: int) -> FaceEvidence:
    least = 1 if len(aligned.frames) < 2 else least
    return faces.compare(query_faces, candidate.faces, aligned, least=least)


def face_bar(pixels: float) -> float:
    """Return the cosine from which faces are the same, by the size in pixels of the smaller face. Heavy
    compression makes a face less like itself, so the threshold follows the query."""
    return _by_size(pixels, FACE_SAME)


def other_bar(pixels: float) -> float:
    """Return the cosine below which faces of this size belong to two persons."""
    return _by_size(pixels, FACE_OTHER)


def _by_size(pixels: float, bars: tuple[float, float]) -> float:
    low, high = FACE_PIXELS
    share = min(max((pixels - low) / (high - low), 0.0), 1.0)
    return bars[0] + (bars[1] - bars[0]) * share


def kept(aligned: Aligned) -> float:
    """Return how well the picture is preserved along a span, 0 to 1, by the median SSCD; 0 without SSCD."""
    known = aligned.frames.sscd[aligned.frames.sscd > -1]
    low, high = PICTURE_KEPT
    return min(max((float(np.median(known)) - low) / (high - low), 0.0), 1.0) if len(known) else 0.0


def judge(
    evidence: FaceEvidence, manipulation: Manipulation | None = None, *, kept: float = 0.0
) -> Judgement:
    """Tell whether the faces are the same; `none` without faces to compare or if a main face is missing.

    `kept`: how well the picture is preserved, 0 to 1.

    A fake made by moving the mouth has the face of its footage. For `lip_sync` the mouth must be known to
    move alike; for other manipulations it must not be known to move differently. A face swap of a few seconds
    has the footage's face in all others, so no moment may show another face.
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
    # A swapped face is evidence by itself. A crop that shifts the landmarks lowered a copy's mouth to .28.
    return not (evidence.movement.contrary if manipulation == "face_swap" else evidence.movement.other)


def weigh(fake: Match, original: Match) -> tuple[float, NDArray[np.bool_], NDArray[np.bool_]]:
    """Compare the query with a fake and an original over the seconds that both show.

    Returns the log-odds for the fake, and masks of the moments of the fake's and of the original's span that
    they apply to.

    Moments are weighted by how much the two assets differ there: an edit of four seconds in twenty leaves
    sixteen that say nothing. Faces weigh most, since they were changed. The picture as a whole adds the rest;
    SSCD chose correctly on 115 of 116 re-encoded frames.
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
    """Return the weighted mean of the moments' log-odds; the plain mean if all weights are close to zero."""
    total = float(weights.sum())
    return float((odds * weights).sum()) / total if total > 1e-6 else float(odds.mean())


def _together(aligned: Aligned, other: Aligned) -> Floats:
    """Return the moments of the query that lie in both spans and that either of them explains."""
    start = max(aligned.span.query[0], other.span.query[0])
    end = min(aligned.span.query[1], other.span.query[1])
    times = np.union1d(aligned.frames.query, other.frames.query)
    return times[(times >= start - 1e-6) & (times <= end + 1e-6)]


def _likeness(aligned: Aligned, times: Floats) -> tuple[Floats, Floats]:
    """Return (k,) cosines and (k,) hash distances at these moments. Unexplained moments get UNLIKE_SSCD and
    UNLIKE_BITS. If an algorithm did not run, its values are the same for every span."""
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
    """Return (k,) how different the two assets' own frames are at these moments of the query."""
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
    """Tell whether two matches cover different parts of the picture, such as a fake beside its original. Of a
    fake and an original this holds only if each part was found to show one of them, since either resembles
    all that shows their footage."""
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
    """Return the intersection over union of two areas (4,), 0-1."""
    common = float(_shared(floats, other))
    return common / max(float(_size(floats) + _size(other)) - common, 1e-6)


def _shared(floats: Floats, other: Floats) -> Floats:
    """Return (...): the area that areas (..., 4) have in common."""
    sides = np.minimum(floats[..., 2:], other[..., 2:]) - np.maximum(floats[..., :2], other[..., :2])
    return np.asarray(np.prod(np.maximum(sides, 0), axis=-1), dtype=np.float64)


def _size(area: Floats) -> Floats:
    return np.asarray(np.prod(area[..., 2:] - area[..., :2], axis=-1), dtype=np.float64)


def _whole(query: Query, candidate: Candidate, found: tuple[Aligned, ...]) -> Aligned:
    """Return the alignment of a file with itself: all of it, whatever the frames show."""
    frames = found[0].frames if found else _no_frames()
    span = align.Span((0.0, query.duration or candidate.duration), (0.0, candidate.duration), 1.0, False)
    limits = (query.duration, candidate.duration)
    return Aligned(span, frames, Line(1.0, 0.0), max(len(frames), 1), limits, 0.5)


def _no_frames() -> align.Frames:
    none = np.empty(0)
    return align.Frames(none, none, none, none, none, none, none, areas=none.reshape(0, 4))
