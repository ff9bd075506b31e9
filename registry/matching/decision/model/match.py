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

from registry.catalogue.entries.model.entry import Candidate, Policy, Query, rank
from registry.core.numbers import Floats
from registry.matching.alignment.model import align, faces
from registry.matching.alignment.model.align import Aligned
from registry.matching.alignment.model.faces import MIN_PAIRS, FaceEvidence
from registry.matching.alignment.model.temporal_voting import Line
from registry.matching.decision.model import bank_rules, confidence, scene_consistency
from registry.matching.decision.model.bank_rules import Weighed
from registry.matching.decision.model.evidence import Judgement, judge, picture_preservation
from registry.matching.decision.model.scene_consistency import Motion

Area = tuple[float, float, float, float]
"""Part of the picture: left, top, right, bottom, 0-1."""
Relation = Literal["copy", "same_footage_other_face", "original", "same_person", "audio"]


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
    `matching.decision.model.parts`). `located`: decided where fake and original differ (see
    `matching.alignment.model.matched_filter`). `moving`: its pictures are alike, but they are known to change
    as the asset's do. `heard`: of a match of
    sound, which has no pictures, the probability that it is the same recording."""

    candidate: Candidate
    aligned: Aligned
    faces: FaceEvidence
    judgement: Judgement
    exact: bool
    still: bool
    query: Query
    least: int = MIN_PAIRS
    background: float = confidence.QUIET
    """Best score of another entry over the same seconds, if it is too low to be certain footage."""
    area: Area | None = None
    located: bool = False
    moving: bool = False
    heard: float | None = None

    @property
    def score(self) -> float:
        """Mean similarity of the aligned frames, 0-1."""
        return 1.0 if self.exact else self.aligned.score

    @cached_property
    def footage(self) -> float:
        """Probability that the span is the asset's footage or sound, whatever its faces are."""
        if self.heard is not None:
            return self.heard
        if self.exact:
            return confidence.EXACT
        evidence = confidence.observed(self.aligned, single=self.single, background=self.background)
        return confidence.footage(evidence)

    @property
    def evidence(self) -> Weighed:
        """The evidence that the bank's policy judges."""
        candidate = self.candidate
        return Weighed(
            role=candidate.role,
            tier=candidate.trust,
            own=candidate.own,
            exact=self.exact,
            single=self.single,
            footage=self.footage,
            located=self.located,
        )

    @property
    def strong(self) -> bool:
        """Whether the footage alone reaches the minimum confidence of its bank."""
        return bank_rules.is_strong(self.evidence, self.candidate.policy)

    @property
    def shown(self) -> bool:
        """Whether the match is certain and trusted enough for its bank to show it at all."""
        return bank_rules.is_shown(self.evidence, self.candidate.policy)

    @property
    def weighed(self) -> bool:
        """Whether the match is certain enough to be compared with others, whatever its bank shows. An
        original protects the genuine clip in a strict bank too."""
        return self.shown or self.footage >= Policy().min_related

    @property
    def single(self) -> bool:
        """Whether either side has only one picture."""
        if self.heard is not None:
            return False
        return not self.exact and (self.still or (self.aligned.pictures < 2 and not self.moving))

    @property
    def measured(self) -> bool:
        """Whether PDQ measured how much the pictures of either side show. If one side has it, its
        uninformative frames are left out and match nothing."""
        unseen = self.exact or self.heard is not None
        return unseen or bool(self.query.frames.has_pdq.any() or self.candidate.frames.has_pdq.any())

    def weigh(self, confidence: float) -> Weighed:
        """Return the evidence with the probability that the verdict is right."""
        return replace(self.evidence, confidence=confidence)

    def motion(self, prior: float = 0.0) -> Motion:
        """Return whether the moments are the same, or only the scene. `prior`: log-odds of other evidence."""
        return scene_consistency.compare(self.query, self.candidate, self.aligned, self.area, prior=prior)

    def part(self, chosen: NDArray[np.bool_]) -> tuple[Match, ...]:
        """Return the match limited to some of its aligned moments."""
        if self.exact or chosen.all():
            return (self,)
        return tuple(self._limited_to(aligned) for aligned in self.aligned.part(chosen))

    def seen_in(self, area: Area | None, aligned: Aligned) -> Match:
        """Return the match limited to a part of the picture; `aligned` is what that part shows of it."""
        return replace(self._limited_to(aligned), area=area)

    def _limited_to(self, aligned: Aligned) -> Match:
        evidence = _faces(self.query, self.candidate, aligned, self.least)
        return replace(
            self,
            aligned=aligned,
            faces=evidence,
            judgement=judge(
                evidence, self.candidate.manipulation, preservation=picture_preservation(aligned)
            ),
        )


Alignments = dict[UUID, tuple[Aligned, ...]]
"""Alignments of one lookup, by asset, computed once: in a campaign one original is in many entries."""


def find(query: Query, candidate: Candidate, alignments: Alignments | None = None) -> tuple[Match, ...]:
    """Return the spans in which `query` shows `candidate`, best first, without chance similarities."""
    exact = query.sha256 is not None and query.sha256 == candidate.sha256
    alignments = {} if alignments is None else alignments
    if candidate.asset_id not in alignments:
        alignments[candidate.asset_id] = align.align(
            query.frames,
            candidate.frames,
            query_duration=query.duration,
            asset_duration=candidate.duration,
            coarse=(query.mosaics, candidate.mosaics),
        )
    spans = alignments[candidate.asset_id]
    if exact:
        spans = (_whole(query, candidate, spans),)
    return matches(query, candidate, spans, exact=exact)


def matches(
    query: Query, candidate: Candidate, spans: Iterable[Aligned], *, exact: bool = False
) -> tuple[Match, ...]:
    """Turn aligned spans of a candidate into matches, without those too weak to be compared."""
    still = "image" in {query.kind, candidate.kind}
    # Keyframes are seconds apart: a person shown for a while may be in only one of them.
    least = 1 if query.sparse else MIN_PAIRS
    comparable = []
    for aligned in spans:
        evidence = _faces(query, candidate, aligned, least)
        match = Match(
            candidate,
            aligned,
            evidence,
            judge(evidence, candidate.manipulation, preservation=picture_preservation(aligned)),
            exact,
            still,
            query,
            least,
        )
        if match.weighed:
            comparable.append(match)
    return tuple(comparable)


def against(matches: Sequence[Match], candidates: Iterable[Candidate], alignments: Alignments) -> list[Match]:
    """Compare each match with the scores of other entries over the same seconds, and drop those then too
    weak. A stranger's unreviewed entry lowers no other match: otherwise anybody could register something
    vaguely similar to everything."""
    weak = [
        (candidate, aligned)
        for candidate in candidates
        for aligned in alignments.get(candidate.asset_id, ())
        if confidence.QUIET < aligned.score < confidence.LOUD
    ]
    weighed = []
    for match in matches:
        scores = [
            aligned.score
            for candidate, aligned in weak
            if candidate.entry_id != match.candidate.entry_id
            and _counts(candidate, match.candidate)
            and candidate.asset_id != match.candidate.asset_id
            and _meet(aligned.span.query, match.aligned.span.query)
        ]
        weighed.append(replace(match, background=max(scores)) if scores else match)
    return [match for match in weighed if match.weighed]


def _counts(other: Candidate, candidate: Candidate) -> bool:
    """Tell whether an entry is trusted enough to cast doubt on another."""
    return other.own or (other.trust != "unreviewed" and rank(other.trust) >= rank(candidate.trust))


def _meet(pair: tuple[float, float], other: tuple[float, float]) -> bool:
    return min(pair[1], other[1]) >= max(pair[0], other[0])


def _faces(query: Query, candidate: Candidate, aligned: Aligned, least: int) -> FaceEvidence:
    least = 1 if len(aligned.frames) < 2 else least
    return faces.compare(query.faces, candidate.faces, aligned, least=least)


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


def _whole(query: Query, candidate: Candidate, spans: tuple[Aligned, ...]) -> Aligned:
    """Return the alignment of a file with itself: all of it, whatever the frames show."""
    frames = spans[0].frames if spans else _no_frames()
    span = align.Span((0.0, query.duration or candidate.duration), (0.0, candidate.duration), 1.0, False)
    limits = (query.duration, candidate.duration)
    return Aligned(span, frames, Line(1.0, 0.0), max(len(frames), 1), limits, 0.5)


def _no_frames() -> align.Frames:
    none = np.empty(0)
    return align.Frames(none, none, none, none, none, none, none, areas=none.reshape(0, 4))
