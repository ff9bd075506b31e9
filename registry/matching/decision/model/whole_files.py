"""Values of whole files in an answer: they point a person to a copy of the whole, and never decide. Pure.

They say nothing about where in the file, about faces, or which of a fake and its original is nearer. So the
verdict is `related`, reason `whole_file`. An Instance-Code that identifies the file is no such match: the
query then has the digest of the file.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from registry.catalogue.entries.model.entry import Candidate, Query, rank
from registry.matching.alignment.model import align
from registry.matching.alignment.model.align import Aligned, Span
from registry.matching.alignment.model.faces import NO_FACES
from registry.matching.alignment.model.temporal_voting import Line
from registry.matching.decision.model.match import Match

CONFIDENCE: Final = 0.5
"""Places these matches after all others of the same verdict. It is shown to nobody."""


def alone(query: Query, candidates: Sequence[Candidate]) -> list[Match]:
    """Return a match for each candidate whose whole file resembles the query's, nearest first.

    Empty if the query's code identifies a candidate: it is then answered like the digest. Left out are
    entries of too low a tier, and candidates that a medium of the caller's negative bank of at least their
    tier resembles as closely.
    """
    near = [candidate for candidate in candidates if candidate.whole is not None]
    if any(candidate.whole is not None and candidate.whole.exact for candidate in near):
        return []
    harmless = [candidate for candidate in near if candidate.allowlisted and candidate.own]
    found = [
        candidate
        for candidate in near
        if not candidate.allowlisted
        and candidate.counts
        and not any(_cancels(other, candidate) for other in harmless)
    ]
    return [_match(query, candidate) for candidate in sorted(found, key=_share)]


def _cancels(harmless: Candidate, candidate: Candidate) -> bool:
    trusted = candidate.tier == "court_order" or rank(candidate.tier) > rank(harmless.tier)
    return not trusted and _share(harmless) <= _share(candidate)


def _share(candidate: Candidate) -> float:
    """Return the share of bits that differ, 0-1."""
    return candidate.whole.distance / candidate.whole.bits if candidate.whole else 1.0


def _match(query: Query, candidate: Candidate) -> Match:
    """Return a match of the whole file, without pictures."""
    nothing = np.empty(0)
    span = Span((0.0, candidate.duration), (0.0, candidate.duration), 1.0, False)
    places = nothing.reshape(0, 4)
    frames = align.Frames(nothing, nothing, nothing, nothing, nothing, nothing, nothing, places)
    aligned = Aligned(span, frames, Line(1.0, 0.0), 0, (candidate.duration, candidate.duration), 0.5)
    return Match(candidate, aligned, NO_FACES, "none", False, False, query)
