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
from registry.matching.decision.model.competing import add_unseen, overlap
from registry.matching.decision.model.match import Alignments, Match
from registry.matching.decision.model.odds import weigh

REASON: Final = "known_harmless"
CANCELLED: Final = {"fake": {"known_fake", "related"}, "original": {"related"}}
"""Verdicts that an equally near allowlisted medium cancels, by role: never `authentic_original`."""


def find_matches(query: Query, candidates: Iterable[Candidate], found: Sequence[Match]) -> list[Match]:
    """Return the matches of the query with media of negative banks, the most trusted first.

    The seconds of `found`, matches with fakes and originals, are examined again where allowlisted media may
    show. Negative banks act for their owner only, whatever other candidates there are.
    """
    alignments: Alignments = {}
    matches: list[Match] = []
    for candidate in candidates:
        if candidate.allowlisted and candidate.own and candidate.role == "fake":
            own_matches = matching.find(query, candidate, alignments)
            exact = any(match.exact for match in own_matches)
            matches += (
                own_matches if exact or not own_matches else add_unseen(query, candidate, found, own_matches)
            )
    return sorted((match for match in matches if match.shown), key=lambda match: -rank(match.candidate.tier))


def outranks(allowlisted: Match, candidate: Candidate) -> bool:
    """Tell whether an allowlisted medium may remove a candidate from the answer.

    It may if the candidate is trusted no more than itself and is not registered by court order.
    """
    return candidate.tier != "court_order" and rank(allowlisted.candidate.tier) >= rank(candidate.tier)


def parts(match: Match, allowlisted: Sequence[Match]) -> list[tuple[Match, Match | None]]:
    """Split the match, each part with the allowlisted match that is at least as near there, if any.

    If several are, the first of `allowlisted` counts.
    """
    if not allowlisted:
        return [(match, None)]
    times = match.aligned.frames.query
    numbers_by_moment = np.zeros(len(times), dtype=np.int64)
    for number, other in enumerate(allowlisted, 1):
        if match.exact or other.exact:
            if other.exact:
                return [(match, other)]
            continue
        if overlap(match, other):
            for common in match.part(np.isin(times, other.aligned.frames.query)):
                if weigh(common, other)[0] <= 0:
                    numbers_by_moment[
                        (numbers_by_moment == 0) & np.isin(times, common.aligned.frames.query)
                    ] = number
    if not numbers_by_moment.any():
        return [(match, None)]
    numbers = np.unique(numbers_by_moment).tolist()
    return [
        (part, allowlisted[at - 1] if at else None)
        for at in numbers
        for part in match.part(numbers_by_moment == at)
    ]
