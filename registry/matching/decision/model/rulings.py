"""The meaning of each span, and which spans count: a longer and better explanation takes seconds from others.

Beside the span of a whole clip, a fake and its original may have a second one of a few moments, which tells
little. Where the original is proved over far more seconds, such a span must not decide them. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from registry.catalogue.entries.model.entry import Candidate, rank
from registry.catalogue.entries.model.verdict import Verdict
from registry.matching.alignment.model.matched_filter import Difference
from registry.matching.decision.model.competing import overlap
from registry.matching.decision.model.evidence import BOUND, face_odds
from registry.matching.decision.model.fake_or_original import original_outranks
from registry.matching.decision.model.match import Match, Relation
from registry.matching.decision.model.soundtrack import Sound

SURE: Final = frozenset({"known_fake", "authentic_original"})
"""Verdicts that need no person."""
UNPROVED: Final = frozenset(
    {
        *("other_face", "no_face", "face_undecided", "same_scene", "original_close"),
        *("single_frame", "weak", "low_information"),
    }
)
"""Doubts for want of evidence. All others are doubts about who may be believed."""
LONGER: Final = 2.0
"""How many times longer the proof of an original must be than the span that it takes."""
FIRM: Final = 3
"""Fewest faces of a short span that decide beside a longer original."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """The meaning of one span of one asset. `competitor`: log-odds over the nearest match of the other role.
    `sound`: the part of the span that also sounds alike. `difference`: whether it is the fake or a trusted
    original where these differ. `moments`: log-odds that the moments are the same, and not only the scene;
    None if they were not needed. `extent`: of a part of a fake's sound, the stretch that it belongs to.
    `whole`: the match that the span is a part of."""

    match: Match
    verdict: Verdict
    relation: Relation | None
    reasons: tuple[str, ...]
    confidence: float
    competitor: float | None = None
    sound: Sound | None = None
    difference: Difference | None = None
    moments: float | None = None
    extent: Match | None = None
    whole: Match | None = None

    @property
    def proves_original(self) -> bool:
        """Whether the span is proved to be the original: by its own match, or by the fake that it is not."""
        if self.match.candidate.role == "original":
            return self.verdict == "authentic_original"
        return self.verdict == "no_match"

    @property
    def is_most(self) -> bool:
        """Whether the span is most of its match."""
        if self.whole is None:
            return False
        return 2 * len(self.match.aligned.frames) > len(self.whole.aligned.frames)

    @property
    def explained(self) -> Match:
        """The match whose seconds the span explains: the whole one, if the span is most of it."""
        return self.whole if self.whole is not None and self.is_most else self.match

    @property
    def yields(self) -> bool:
        """Whether its pictures lack evidence of their own that decides, however short the span is."""
        if self.match.heard is not None:
            return False
        if self.verdict != "known_fake":
            return self.verdict == "related" and UNPROVED.issuperset(self.reasons)
        placed = self.match.located and self.difference is not None and self.difference.decides_alone
        if self.match.exact or placed:
            return False
        if self.match.candidate.needs_faces:
            return not self._has_face
        return self.competitor is not None and self.competitor < BOUND

    @property
    def _has_face(self) -> bool:
        """Whether the faces are the fake's: in several moments, or beyond doubt."""
        faces = self.match.faces
        if self.match.judgement != "same" or faces.cosine is None:
            return False
        return faces.compared >= FIRM or face_odds(faces.cosine, faces.pixels, faces.quality) >= 2 * BOUND


def remaining(rulings: Sequence[Ruling]) -> list[Ruling]:
    """Return the rulings that count. The order of `rulings` does not matter.

    Left out are spans that decide nothing by themselves, in seconds that a far longer original explains; and
    unreviewed originals of strangers, in seconds that something trusted explains. An original is shown in all
    the seconds that are left to it.
    """
    found = [
        ruling
        for ruling in rulings
        if ruling.verdict != "no_match" and not any(_takes(other, ruling) for other in rulings)
    ]
    fakes = [ruling.match for ruling in found if ruling.match.candidate.role == "fake"]
    genuine = [ruling for ruling in found if ruling.verdict == "authentic_original" and ruling.is_most]
    free = [id(ruling.whole) for ruling in genuine if not _meets(ruling, fakes)]
    return [
        replace(ruling, match=replace(ruling.explained, located=ruling.match.located))
        if id(ruling.whole) in free
        else ruling
        for ruling in found
        if ruling.is_most or id(ruling.whole) not in free
    ]


def _meets(ruling: Ruling, fakes: Sequence[Match]) -> bool:
    return any(overlap(ruling.explained, fake) for fake in fakes)


def _takes(other: Ruling, ruling: Ruling) -> bool:
    own = ruling.match.candidate
    if own.role == "original" and own.original_tier == "unreviewed" and not own.own:
        return other.verdict in SURE and overlap(other.match, ruling.match)
    longer = _seconds(other.match) > LONGER * _seconds(ruling.match)
    proved = longer and ruling.yields and other.proves_original and overlap(other.explained, ruling.match)
    return proved and _counts(other.match.candidate, own)


def _counts(proof: Candidate, candidate: Candidate) -> bool:
    """Tell whether the proof of an original counts against a candidate. A fake proves that the query is an
    original that outranks it, whose own match is ruled on apart."""
    if candidate.role == "original":
        return proof.role == "original"
    if proof.role == "original":
        return original_outranks(proof, candidate)
    return rank(proof.tier) >= rank(candidate.tier)


def _seconds(match: Match) -> float:
    start, end = match.aligned.span.query
    return end - start
