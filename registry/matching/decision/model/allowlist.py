"""What a negative bank knows to be harmless, and which part of a match it takes away. Pure.

A negative bank holds look-alikes: its media are no fakes. Where a query shows one of them at least as well as
it shows a registered medium, over the same seconds, it is the look-alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from registry.catalogue.entries.model.entry import Candidate, Query, rank
from registry.matching.alignment.model import match as matching
from registry.matching.alignment.model.match import Alignments, Match
from registry.matching.decision.model.competing import followed, overlap

REASON: Final = "known_harmless"
HUSHED: Final = {"fake": {"known_fake", "related"}, "original": {"related"}}
"""What may not be said of fakes and of originals where a harmless medium is as near; that a clip is genuine
may."""


def seen(query: Query, candidates: Iterable[Candidate], found: Sequence[Match]) -> list[Match]:
    """Where the query shows media of negative banks, the most trusted first; what is `found` of fakes and
    originals is looked at again where these may show there. They act for their owner only, whatever else is
    proposed."""
    known: Alignments = {}
    made: list[Match] = []
    for item in candidates:
        if item.harmless and item.own and item.role == "fake":
            mine = matching.find(query, item, known)
            exact = any(match.exact for match in mine)
            made += mine if exact or not mine else followed(query, item, found, mine)
    return sorted((match for match in made if match.shown), key=lambda match: -rank(match.candidate.tier))


def outranks(harmless: Match, candidate: Candidate) -> bool:
    """Whether a harmless medium may take a candidate out of the answer: one trusted no further, and no
    court's."""
    return candidate.tier != "court_order" and rank(harmless.candidate.tier) >= rank(candidate.tier)


def parts(match: Match, spared: Sequence[Match]) -> list[tuple[Match, Match | None]]:
    """The match in parts, each with the harmless one that is at least as near there, if any. Of several the
    first of `spared` counts."""
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
                if matching.weigh(piece, other)[0] <= 0:
                    by[(by == 0) & np.isin(times, piece.aligned.frames.query)] = number
    if not by.any():
        return [(match, None)]
    numbers = np.unique(by).tolist()
    return [(part, spared[at - 1] if at else None) for at in numbers for part in match.part(by == at)]
