"""Find entries with the same footage as a stored medium: variants of one body clip, copies of one fake. Pure.

Uses the same alignment as a lookup, with the medium's own frames as the query. Footage alone decides whether
two entries are linked. Faces, compared at the same moments, only determine the relation.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal
from uuid import UUID

from registry.catalogue.entries.model.entry import FACE_MANIPULATIONS, Candidate, Manipulation, Policy, Query
from registry.catalogue.fingerprints.model import audio
from registry.catalogue.fingerprints.model.sounds import Sounds
from registry.catalogue.media.model import Role
from registry.matching.alignment.model import hearing
from registry.matching.alignment.model.align import Span
from registry.matching.decision.model import match as matching
from registry.matching.decision.model.match import Match

Kind = Literal["same_footage"]
Relation = Literal["copy", "same_footage_other_face", "shares_original"]
Faces = Literal["same", "other"]

MODEL: Final = "footage-2"
"""Name of the rules that make links. When it changes, all media are searched again."""
SURE: Final = Policy().min_confidence
"""Lowest probability of equal footage for a link, whatever the banks' policies."""
SHARE: Final = 0.2
"""Share of the shorter video that the spans must cover together, unless they reach `LONG`.

A broadcaster's opener at the start of two clips must not make them variants of each other.
"""
LONG: Final = 20.0
"""Seconds of common footage that are enough in any case."""
AUDIO: Final = "audio"
"""Genuine pictures with other words. Two such fakes may look alike and still be different."""
LIP_SYNC: Final = "lip_sync"
"""The face stays but the mouth changes. If either side is a lip-sync, the mouths must be known to move
alike."""


@dataclass(frozen=True, slots=True)
class End:
    """One side of a link: a medium and its role in an entry."""

    entry_id: UUID
    asset_id: UUID
    role: Role


@dataclass(frozen=True, slots=True)
class Medium:
    """A stored medium whose relatives are searched, with the query made from it."""

    end: End
    manipulation: Manipulation | None
    query: Query

    @property
    def needs_faces(self) -> bool:
        """Return whether faces must be compared, by the rule of `Candidate.needs_faces`."""
        if self.manipulation is None:
            return len(self.query.faces) > 0 or not self.query.has_faces
        return self.manipulation in FACE_MANIPULATIONS


@dataclass(frozen=True, slots=True)
class Link:
    """Two media that show the same footage.

    `spans` have the seconds of `one` as the query's. `score`: the probability that the footage is the same.
    """

    one: End
    other: End
    kind: Kind
    relation: Relation | None
    faces: Faces | None
    score: float
    spans: tuple[Span, ...]

    @property
    def in_order(self) -> Link:
        """Return the link in its stored form, with the lower entry id first."""
        if self.one.entry_id < self.other.entry_id:
            return self
        return replace(self, one=self.other, other=self.one, spans=tuple(map(turned, self.spans)))


def links(medium: Medium, candidates: Iterable[Candidate]) -> list[Link]:
    """Return the links from `medium` to media of other entries."""
    # Ignore policy and ownership, so that a link is the same from both ends.
    comparable = [
        replace(candidate, policy=Policy(), own=True, manipulation=_stricter_manipulation(medium, candidate))
        for candidate in candidates
    ]
    alignments: matching.Alignments = {}
    others = [candidate for candidate in comparable if candidate.entry_id != medium.end.entry_id]
    matches = [match for candidate in others for match in matching.find(medium.query, candidate, alignments)]
    by_medium: dict[End, list[Match]] = {}
    for match in matching.against(matches, comparable, alignments):
        if match.exact or match.footage >= SURE:
            by_medium.setdefault(_end(match.candidate), []).append(match)
    return [_link(medium, matches) for matches in by_medium.values() if _enough(medium, matches)]


def align_with_original(fake: Medium, original: Candidate) -> Link | None:
    """Align a fake with an original of its own entry. None if no part matches with certainty."""
    comparable = replace(original, policy=Policy(), own=True)
    matches = [
        match for match in matching.find(fake.query, comparable, {}) if match.exact or match.footage >= SURE
    ]
    return _link(fake, matches) if matches and _enough(fake, matches) else None


def align_sounds(fake: End, original: End, sound: Sounds, recording: Sounds) -> Link | None:
    """Align a fake's sound with an original's of its own entry. None if none of it is the very recording."""
    spans = [
        Span(part.query, part.asset, part.speed, mirrored=False)
        for stretch in hearing.align_one_take(sound, recording)
        if stretch.sure
        for part in map(stretch.limited_to, audio.agreeing(sound.audio, recording.audio, stretch))
    ]
    spans.sort(key=lambda span: span.query)
    return Link(fake, original, "same_footage", None, None, 1.0, tuple(spans)) if spans else None


def turned(span: Span) -> Span:
    """Return the span as seen from the other side."""
    speed = round(1 / span.speed, 2) if span.speed else 1.0
    return Span(query=span.asset, asset=span.query, speed=speed, mirrored=span.mirrored)


def _stricter_manipulation(medium: Medium, candidate: Candidate) -> Manipulation | None:
    """Return the stricter manipulation of the two, which the comparison must satisfy."""
    manipulations = {medium.manipulation, candidate.manipulation}
    return (
        AUDIO if AUDIO in manipulations else LIP_SYNC if LIP_SYNC in manipulations else candidate.manipulation
    )


def _end(candidate: Candidate) -> End:
    return End(candidate.entry_id, candidate.asset_id, candidate.role)


def _enough(medium: Medium, matches: Sequence[Match]) -> bool:
    """Return whether two videos share more than a picture or an opener. Always true for stills and exact
    matches."""
    candidate = matches[0].candidate
    if any(match.exact for match in matches) or "image" in {medium.query.kind, candidate.kind}:
        return True
    moving = [match.aligned.span for match in matches if not match.single]
    shorter = min(medium.query.duration, candidate.duration)
    sides = ([span.query for span in moving], [span.asset for span in moving])
    return bool(moving) and min(map(_seconds, sides)) >= min(SHARE * shorter, LONG)


def _seconds(stretches: Iterable[tuple[float, float]]) -> float:
    """Return the total length of the stretches. Overlaps count once."""
    total, reached = 0.0, 0.0
    for start, end in sorted(stretches):
        total += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return total


def _link(medium: Medium, matches: Sequence[Match]) -> Link:
    faces = _faces(matches)
    return Link(
        one=medium.end,
        other=_end(matches[0].candidate),
        kind="same_footage",
        relation=_relation(medium, matches, faces),
        faces=faces,
        score=round(max(match.footage for match in matches), 3),
        spans=tuple(sorted((match.aligned.span for match in matches), key=lambda span: span.query)),
    )


def _faces(matches: Sequence[Match]) -> Faces | None:
    """Return `other` if any stretch shows another face. None if no faces can be compared clearly."""
    if any(match.exact for match in matches):
        return "same"
    judgements = {match.judgement for match in matches}
    return "other" if "other" in judgements else "same" if "same" in judgements else None


def _relation(medium: Medium, matches: Sequence[Match], faces: Faces | None) -> Relation | None:
    candidate = matches[0].candidate
    if "original" in {medium.end.role, candidate.role}:
        return "shares_original"
    if any(match.exact for match in matches):
        return "copy"
    if faces == "other":
        return "same_footage_other_face"
    if candidate.manipulation == AUDIO:
        return None
    if faces == "same" or not (medium.needs_faces or candidate.needs_faces):
        return "copy"
    return None
