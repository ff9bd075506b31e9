"""Decide whether the fake or the original counts in the seconds that both match. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from registry.matching.decision.model.match import Match

CLEAR: Final = 0.7
"""Log-odds from which the nearer of a fake and its original is chosen."""

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
    trusted enough to count."""

    match: Match
    odds: float
    shared: NDArray[np.bool_]
    outranks: bool


def label_of(match: Match, competitor: Competitor) -> Label:
    """Label the seconds that a match and a competing match share. A claim that does not outrank changes
    nothing unless the query is clearly nearer to it: an unreviewed stranger must not be able to suppress a
    fake. A face that is neither the fake's nor the original's is a third person's, whichever is nearer."""
    odds, outranks = competitor.odds, competitor.outranks
    if match.exact and competitor.match.exact:
        return "conflict" if outranks else "mine" if match.candidate.role == "fake" else "hidden"
    if match.candidate.role == "fake":
        return _label_of_fake(match, competitor)
    if odds > -CLEAR:
        return "hidden"
    return "mine" if outranks else "claimed"


def _label_of_fake(fake: Match, competitor: Competitor) -> Label:
    if competitor.odds >= CLEAR:
        return "mine"
    if _another_face(fake) and _another_face(competitor.match):
        return "other"
    if competitor.odds > -CLEAR:
        return "close" if competitor.outranks else "mine"
    return "hidden" if competitor.outranks else "claimed"


def _another_face(match: Match) -> bool:
    return match.candidate.needs_faces and match.judgement == "other" and not match.exact
