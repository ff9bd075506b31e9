"""Allowlist matches: media of negative banks, and the parts of a match that they cancel. Pure.

A negative bank holds look-alikes, which are no fakes. If a query shows a look-alike at least as well as a
registered medium over the same seconds, the query is the look-alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from registry.catalogue.entries.model.entry import Candidate, Query, rank
from registry.matching.decision.model import match as matching
from registry.matching.decision.model.competing import followed, overlap
from registry.matching.decision.model.match import Alignments, Match
from registry.matching.decision.model.odds import weigh

REASON: Final = "known_harmless"
HUSHED: Final = {"fake": {"known_fake", "related"}, "original": {"related"}}
"""Verdicts that an equally near harmless medium cancels, by role. It never cancels `authentic_original`."""


def seen(query: Query, candidates: Iterable[Candidate], found: Sequence[Match]) -> list[Match]:
    """Return the matches of the query with media of negative banks, the most trusted first.

    The seconds of `found`, matches with fakes and originals, are examined again where harmless media may
    show. Negative banks act for their owner only, whatever other candidates there are.
    """
    known: Alignments = {}
    made: list[Match] = []
    for item in candidates:
        if item.harmless and item.own and item.role == "fake":
            mine = matching.find(query, item, known)
            exact = any(match.exact for match in mine)
            made += mine if exact or not mine else followed(query, item, found, mine)
    return sorted((match for match in made if match.shown), key=lambda match: -rank(match.candidate.tier))


def outranks(harmless: Match, candidate: Candidate) -> bool:
    """Tell whether a harmless medium may remove a candidate from the answer.

    It may if the candidate is trusted no more than itself and is not registered by court order.
    """
    return candidate.tier != "court_order" and rank(harmless.candidate.tier) >= rank(candidate.tier)


def parts(match: Match, spared: Sequence[Match]) -> list[tuple[Match, Match | None]]:
    """Split the match, each part with the harmless match that is at least as near there, if any.

    If several are, the first of `spared` counts.
    """
    if not spared:
        return [(match, None)]
    times = match.aligned.frames.query
    by = np.zeros(len(times), dtype=np.int64)
    for number, other in enumerate(spared, 1):
        if match.exact or other.exact:
            if other.exact:
                return [(match, other)]
            continue
        if overlap(match, other):
            for piece in match.part(np.isin(times, other.aligned.frames.query)):
                if weigh(piece, other)[0] <= 0:
                    by[(by == 0) & np.isin(times, piece.aligned.frames.query)] = number
    if not by.any():
        return [(match, None)]
    numbers = np.unique(by).tolist()
    return [(part, spared[at - 1] if at else None) for at in numbers for part in match.part(by == at)]
