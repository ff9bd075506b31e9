"""Decide whether the fake or the original counts in the seconds that both match. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from registry.catalogue.entries.model.entry import Candidate, rank
from registry.catalogue.fingerprints.model.audio import Stretch
from registry.matching.alignment.model import matched_filter
from registry.matching.alignment.model.matched_filter import Difference
from registry.matching.alignment.model.shared_moments import Side
from registry.matching.decision.model.competing import by_way_of, overlap
from registry.matching.decision.model.evidence import BOUND, FACE_ODDS
from registry.matching.decision.model.match import Match
from registry.matching.decision.model.odds import weigh

COMPETITORS: Final = 8
"""Most competing matches of the other role per match: in a campaign one clip is in many entries."""
MOSTLY: Final = 0.5
"""Share of a match's moments from which a competing match counts for all of them."""
PAIRS: Final = 24
"""Most pairs of a fake and an original compared in a lookup by their mosaics, some 8 ms each."""
CLEAR: Final = 0.7
"""Log-odds from which the nearer of a fake and its original is chosen."""
PICTURES_ALONE: Final = 4.0
"""Log-odds of whole pictures from which the query is the original, if nothing can be compared where the two
differ."""

FACES_APART: Final = 0.2
"""Cosine by which the faces of a single picture must be more like one side's than the other's to decide. In
882 edited stills of 16 face swaps, copies were .11 to .88 nearer to the fake, originals .09 to .91 to the
original. In 199 whose fake keeps the face, .11 at most to either."""

Label = Literal[
    "mine",  # the match counts
    "hidden",  # the competitor counts: the match is left out
    "claimed",  # the query is nearer to the original, which is not trusted enough to outrank: doubted
    "close",  # the query is clearly nearer to neither: doubted
    "other",  # the face is neither the fake's nor the original's: a third person's
    "conflict",  # the same file is registered as a fake and as an original
]
"""What a competitor means for the seconds that it shares with a match."""


@dataclass(frozen=True, slots=True)
class Competitor:
    """A competing match: one of the other role over some of the same seconds. `odds`: for the fake of the
    two. `shared`: the moments of this match that both show. `outranks`: whether the original of the two is
    trusted enough to count. `difference`: None without mosaics. `found`: False if the query shows it only by
    way of its fake."""

    match: Match
    odds: float
    shared: NDArray[np.bool_]
    outranks: bool
    difference: Difference | None = None
    found: bool = True

    def odds_of(self, match: Match) -> float:
        """Return the log-odds for the match, whichever of the two it is."""
        return self.odds if match.candidate.role == "fake" else -self.odds

    def differs(self, match: Match) -> bool:
        """Tell whether a fake and a trusted original differ visibly in most of the moments; in a single
        picture, whether their faces do."""
        seen = self.difference is not None or (match.single and _nearer_by_faces(match, self.match))
        return self.outranks and seen and float(self.shared.mean()) >= MOSTLY


def label_of(match: Match, competitor: Competitor) -> Label:
    """Label the seconds that a match and a competing match share. A claim that does not outrank changes
    nothing unless the query is clearly nearer to it: an unreviewed stranger must not be able to suppress a
    fake. A face that is neither the fake's nor the original's is a third person's, whichever is nearer."""
    if match.exact and competitor.match.exact:
        is_fake = match.candidate.role == "fake"
        return "conflict" if competitor.outranks else "mine" if is_fake else "hidden"
    if match.candidate.role == "fake":
        return _label_of_fake(match, competitor)
    if not _is_original(competitor, competitor.match, match):
        return "hidden"
    return "mine" if competitor.outranks else "claimed"


def _label_of_fake(fake: Match, competitor: Competitor) -> Label:
    if competitor.odds >= CLEAR:
        return "mine"
    if _another_face(fake) and _another_face(competitor.match):
        return "other"
    if not _is_original(competitor, fake, competitor.match):
        return "close" if competitor.outranks else "mine"
    if not competitor.found:
        return "close"
    return "hidden" if competitor.outranks else "claimed"


def _is_original(competitor: Competitor, fake: Match, original: Match) -> bool:
    """Tell whether the query is the original, and not only looks nearer to it.

    Whole pictures of a fake and its original are nearly the same, so compression decides which is nearer. An
    original that counts needs proof where the two differ: a copy must not be called authentic.
    """
    if competitor.odds > -CLEAR or _shows_face_of(fake, original):
        return False
    if fake.exact or original.exact or not competitor.outranks or _nearer_face(original, fake):
        return True
    difference = competitor.difference
    return difference.proves_original if difference else competitor.odds <= -PICTURES_ALONE


def _shows_face_of(fake: Match, original: Match) -> bool:
    """Tell whether the faces alone say that the query is the fake, and not its original.

    Then nothing else makes it the original: a signal that was misled must not call a copy authentic.
    """
    if fake.exact or original.exact or not fake.candidate.needs_faces or fake.judgement != "same":
        return False
    return _nearer_face(fake, original)


def _nearer_face(match: Match, other: Match) -> bool:
    """Tell whether the faces are nearer to this side's than to the other's by odds that decide."""
    own, others = match.faces.cosine, other.faces.cosine
    return own is not None and others is not None and FACE_ODDS * (own - others) >= BOUND


def _another_face(match: Match) -> bool:
    return match.candidate.needs_faces and match.judgement == "other" and not match.exact


class Differences:
    """Differences of a lookup's fakes and originals, each computed once, `PAIRS` at most."""

    def __init__(self) -> None:
        self._found: dict[tuple[int, int], tuple[Match, Match, Difference | None]] = {}
        self._ways = 0

    def by_way_of(self, fake: Match, original: Candidate) -> Match | None:
        """Return where the query shows an original by way of its fake; None if there are too many pairs."""
        self._ways += 1
        return by_way_of(fake, original) if self._ways <= PAIRS else None

    def of(self, fake: Match, original: Match) -> Difference | None:
        """Return the difference of a pair; None without mosaics, or if there are too many pairs."""
        key = (id(fake), id(original))
        if key not in self._found:
            if len(self._found) >= PAIRS:
                return None
            sides = (Side(match.candidate.mosaics, match.aligned) for match in (fake, original))
            found = matched_filter.compare(fake.query.mosaics, *sides, area=fake.area)
            # The matches are kept too: an id is unique only while its object lives.
            self._found[key] = (fake, original, found)
        return self._found[key][2]


@dataclass(frozen=True, slots=True)
class Context:
    """All matches of a lookup, those of negative banks, all media that were compared, what sounds alike, and
    the differences of fakes and originals, which are computed once."""

    found: Sequence[Match]
    allowlisted: Sequence[Match]
    candidates: Sequence[Candidate]
    sounds: Mapping[UUID, tuple[Stretch, ...]] = field(default_factory=dict)
    differences: Differences = field(default_factory=Differences)


def competitors_of(match: Match, context: Context) -> list[Competitor]:
    """Return the likeliest competing matches over the same seconds. Those that outrank come first, and among
    them the one that contradicts most."""
    is_fake = match.candidate.role == "fake"
    others = [
        other
        for other in context.found
        if other.candidate.role != match.candidate.role
        and (other.exact or match.exact or overlap(match, other))
    ]

    def outranks(other: Match) -> bool:
        fake, original = (match, other) if is_fake else (other, match)
        return original_outranks(original.candidate, fake.candidate)

    likeliest = sorted(others, key=lambda other: (not outranks(other), -other.score))[:COMPETITORS]
    competitors = []
    for other in likeliest:
        pair = (match, other) if is_fake else (other, match)
        odds, of_fake, of_original = weigh(*pair)
        shared = of_fake if is_fake else of_original
        if shared.any() or not len(shared):
            difference = context.differences.of(*pair)
            difference = difference.beside(odds) if difference else None
            odds += difference.odds if difference and difference.decides else 0.0
            competitors.append(Competitor(other, odds, shared, outranks(other), difference))
    if is_fake:
        competitors += _by_way_of(match, others, context)
    return sorted(
        competitors,
        key=lambda competitor: (not competitor.outranks, competitor.odds if is_fake else -competitor.odds),
    )


def _by_way_of(fake: Match, others: Sequence[Match], context: Context) -> list[Competitor]:
    """Return the originals of a fake's entry that count, if the query matches none of its originals in these
    seconds, and if the part that differs tells by itself which of the two it is.

    Nothing else speaks for such an original. So it must be the fake's own footage, framed alike.
    """
    own = fake.candidate
    if fake.exact or not len(fake.query.mosaics) or not len(own.mosaics):
        return []
    if any(other.candidate.entry_id == own.entry_id for other in others):
        return []
    competitors = []
    for original in context.candidates:
        counts = original.role == "original" and original.entry_id == own.entry_id
        if not (counts and len(original.mosaics) and original_outranks(original, own)):
            continue
        other = context.differences.by_way_of(fake, original)
        difference = context.differences.of(fake, other) if other else None
        if other is None or difference is None:
            continue
        if (difference.shows_fake and not difference.contrary) or difference.proves_original:
            shared = np.isin(fake.aligned.frames.query, other.aligned.frames.query)
            competitors.append(Competitor(other, difference.odds, shared, True, difference, found=False))
    return competitors


def shows(match: Match, competitor: Competitor) -> bool:
    """Tell whether the picture shows this match where the two differ.

    Faces that are another person's, and not nearer to the match's, contradict it: a third version of the
    footage may be nearer to one of the two. Faces decide a single picture where the rest does not.
    """
    difference = competitor.difference
    if match.exact or competitor.match.exact:
        return False
    if match.single and not (difference and difference.decides_alone):
        contrary = difference is not None and difference.decides and not _is_of(match, difference)
        return not contrary and _nearer_by_faces(match, competitor.match)
    if difference is None or not _is_of(match, difference):
        return False
    own, others = match.faces.cosine, competitor.match.faces.cosine
    return match.judgement != "other" or (own is not None and others is not None and own > others)


def _is_of(match: Match, difference: Difference) -> bool:
    return difference.shows_fake if match.candidate.role == "fake" else difference.shows_original


def _nearer_by_faces(match: Match, other: Match) -> bool:
    """Tell whether the faces are this side's, and clearly not the other's."""
    own, others = match.faces.cosine, other.faces.cosine
    return (
        match.judgement == "same" and own is not None and others is not None and own - others >= FACES_APART
    )


def original_outranks(original: Candidate, fake: Candidate) -> bool:
    """An original counts against a fake only at an equal or higher tier, and never while it is a
    stranger's and unreviewed."""
    if original.original_tier == "unreviewed" and not original.own:
        return False
    return rank(original.original_tier) >= rank(fake.tier)
