"""Which entries show the same footage as a stored medium: variants of one body clip, copies of one fake.

Pure. The same alignment as in a lookup, with the medium's own frames as the query. Footage alone decides
whether two entries are linked; faces, compared at the same moments, only say how.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal
from uuid import UUID

from registry.catalogue.entries.model.entry import FACE_MANIPULATIONS, Candidate, Manipulation, Policy, Query
from registry.catalogue.media.model import Role
from registry.matching.alignment.model import match as matching
from registry.matching.alignment.model.align import Span
from registry.matching.alignment.model.match import Match

Kind = Literal["same_footage"]
Relation = Literal["copy", "same_footage_other_face", "shares_original"]
Faces = Literal["same", "other"]

MODEL: Final = "footage-2"
"""Names the rules by which links are made; under another name everything is looked at again."""
SURE: Final = Policy().min_confidence
"""Probability that the footage is the same from which entries are linked, whatever their banks' policies."""
SHARE: Final = 0.2
"""Share of the shorter video that the spans must cover together: a broadcaster's opener, with which two clips
begin, does not make them variants of each other ..."""
LONG: Final = 20.0
"""... and so many seconds are enough in any case."""
AUDIO: Final = "audio"
"""Genuine pictures under other words: two such fakes, alike to look at, may be different ones."""
LIP_SYNC: Final = "lip_sync"
"""The face stays and the mouth does not: where either is one, the mouths must be known to move alike."""


@dataclass(frozen=True, slots=True)
class End:
    """One side of a link: a medium, and as what an entry holds it."""

    entry_id: UUID
    asset_id: UUID
    role: Role


@dataclass(frozen=True, slots=True)
class Medium:
    """A stored medium whose relatives are looked for, and what is asked with it."""

    end: End
    manipulation: Manipulation | None
    query: Query

    @property
    def needs_faces(self) -> bool:
        """As `Candidate.needs_faces`."""
        if self.manipulation is None:
            return len(self.query.faces) > 0 or not self.query.has_faces
        return self.manipulation in FACE_MANIPULATIONS


@dataclass(frozen=True, slots=True)
class Link:
    """Two media that show the same footage; `spans` have `one`'s seconds as the query's. `score`: the
    probability that they do."""

    one: End
    other: End
    kind: Kind
    relation: Relation | None
    faces: Faces | None
    score: float
    spans: tuple[Span, ...]

    @property
    def in_order(self) -> Link:
        """The same, the entry with the lower id first: how it is kept."""
        if self.one.entry_id < self.other.entry_id:
            return self
        return replace(self, one=self.other, other=self.one, spans=tuple(map(turned, self.spans)))


def links(medium: Medium, candidates: Iterable[Candidate]) -> list[Link]:
    """The media of other entries that show what `medium` shows, and how."""
    # What a bank shows in lookups is its own affair, and who holds it too; a link is the same from both ends.
    even = [
        replace(candidate, policy=Policy(), own=True, manipulation=_made(medium, candidate))
        for candidate in candidates
    ]
    known: matching.Alignments = {}
    others = [candidate for candidate in even if candidate.entry_id != medium.end.entry_id]
    found = [match for candidate in others for match in matching.find(medium.query, candidate, known)]
    by_medium: dict[End, list[Match]] = {}
    for match in matching.against(found, even, known):
        if match.exact or match.footage >= SURE:
            by_medium.setdefault(_end(match.candidate), []).append(match)
    return [_link(medium, matches) for matches in by_medium.values() if _enough(medium, matches)]


def made_from(fake: Medium, original: Candidate) -> Link | None:
    """Which seconds of a fake show which of an original of its own entry; None where none do for certain."""
    even = replace(original, policy=Policy(), own=True)
    found = [item for item in matching.find(fake.query, even, {}) if item.exact or item.footage >= SURE]
    return _link(fake, found) if found and _enough(fake, found) else None


def turned(span: Span) -> Span:
    """The span as the other side sees it."""
    speed = round(1 / span.speed, 2) if span.speed else 1.0
    return Span(query=span.asset, asset=span.query, speed=speed, mirrored=span.mirrored)


def _made(medium: Medium, candidate: Candidate) -> Manipulation | None:
    """How the two were made, as that of both which asks for most."""
    both = {medium.manipulation, candidate.manipulation}
    return AUDIO if AUDIO in both else LIP_SYNC if LIP_SYNC in both else candidate.manipulation


def _end(candidate: Candidate) -> End:
    return End(candidate.entry_id, candidate.asset_id, candidate.role)


def _enough(medium: Medium, matches: Sequence[Match]) -> bool:
    """Whether two videos have more in common than a picture, or an opener. Stills have no more."""
    candidate = matches[0].candidate
    if any(match.exact for match in matches) or "image" in {medium.query.kind, candidate.kind}:
        return True
    moving = [match.aligned.span for match in matches if not match.single]
    shorter = min(medium.query.duration, candidate.duration)
    sides = ([span.query for span in moving], [span.asset for span in moving])
    return bool(moving) and min(map(_seconds, sides)) >= min(SHARE * shorter, LONG)


def _seconds(stretches: Iterable[tuple[float, float]]) -> float:
    """How long the stretches are together, overlaps counted once."""
    total, reached = 0.0, 0.0
    for start, end in sorted(stretches):
        total += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return total


def _link(medium: Medium, matches: Sequence[Match]) -> Link:
    seen = _faces(matches)
    return Link(
        one=medium.end,
        other=_end(matches[0].candidate),
        kind="same_footage",
        relation=_relation(medium, matches, seen),
        faces=seen,
        score=round(max(match.footage for match in matches), 3),
        spans=tuple(sorted((match.aligned.span for match in matches), key=lambda span: span.query)),
    )


def _faces(matches: Sequence[Match]) -> Faces | None:
    """Another face in any stretch makes it another; None where none can be compared, or not clearly."""
    if any(match.exact for match in matches):
        return "same"
    said = {match.judgement for match in matches}
    return "other" if "other" in said else "same" if "same" in said else None


def _relation(medium: Medium, matches: Sequence[Match], seen: Faces | None) -> Relation | None:
    candidate = matches[0].candidate
    if "original" in {medium.end.role, candidate.role}:
        return "shares_original"
    if any(match.exact for match in matches):
        return "copy"
    if seen == "other":
        return "same_footage_other_face"
    if candidate.manipulation == AUDIO:
        return None
    if seen == "same" or not (medium.needs_faces or candidate.needs_faces):
        return "copy"
    return None
