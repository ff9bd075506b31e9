"""Competing matches: for the seconds that show a fake, compare its originals, and the other way round. Pure.

An alignment stops after a fixed number of spans, best first. A query that repeats footage or cuts it into
many pieces has more. A fake and its original may then keep different spans, and a span missing on one side
must not count as no match. So each medium is compared again in exactly the seconds in which only the other
was found.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from registry.catalogue.entries.model.entry import Candidate, Query
from registry.catalogue.fingerprints.model import distance
from registry.core.numbers import Floats
from registry.matching.alignment.model import align
from registry.matching.alignment.model.align import Aligned
from registry.matching.alignment.model.temporal_voting import Line
from registry.matching.decision.model import match as matching
from registry.matching.decision.model.match import Match

COMPETITORS: Final = 8
"""Media of the other role compared with a match's seconds: those of its entry, then the most alike."""
MOST: Final = 512
"""Most comparisons per lookup."""
LEAST: Final = 2
"""Fewest moments to compare again: a single moment is no span."""
SLACK: Final = 1e-6
OVERLAP: Final = 0.5
"""Share of the shorter stretch from which two spans of the query cover the same seconds."""


def add_missing(query: Query, candidates: Iterable[Candidate], found: Sequence[Match]) -> list[Match]:
    """Return the matches, plus those of the other role that the alignment of the whole query left out."""
    matches = list(found)
    media = list(candidates)
    comparisons_left = MOST
    # Added matches may lack competing matches of their own: the list grows during the iteration.
    for match in matches:
        if match.exact:
            continue
        for candidate in _competitors(match, media, matches):
            times = _unseen(match, candidate, matches)
            if len(times) < LEAST or not comparisons_left:
                continue
            comparisons_left -= 1
            matches += _align_at(query, candidate, times)
    return matches


def add_unseen(
    query: Query, candidate: Candidate, found: Sequence[Match], own_matches: Sequence[Match]
) -> list[Match]:
    """Return a candidate's own matches, plus its matches in seconds of `found` that these miss."""
    matches = list(own_matches)
    for match in found[:MOST]:
        times = _unseen(match, candidate, matches)
        if not match.exact and len(times) >= LEAST:
            matches += _align_at(query, candidate, times)
    return matches


def by_way_of(fake: Match, original: Candidate) -> Match | None:
    """Return where the query shows an original if it shows it where it shows the fake; None if less than half
    of the fake's seconds are aligned with it.

    A close-up of what was changed may be unlike the original as a whole. The fake, as registered, is not.
    """
    candidate, aligned = fake.candidate, fake.aligned
    spans = align.align(
        candidate.frames.at(aligned.frames.asset),
        original.frames,
        query_duration=candidate.duration,
        asset_duration=original.duration,
        coarse=(candidate.mosaics, original.mosaics),
    )
    if not spans:
        return None
    chained = _chained(aligned, spans[0])
    if len(chained.frames) < max(LEAST, OVERLAP * len(aligned.frames)):
        return None
    return replace(fake, candidate=original).seen_in(fake.area, chained)


def _chained(aligned: Aligned, onward: Aligned) -> Aligned:
    """Join a query's alignment with an asset to that asset's alignment with another one.

    The result covers the seconds of both. Nothing was compared along it, so its similarities are the lowest.
    """
    first, second = aligned.line, onward.line
    line = Line(second.speed * first.speed, second.speed * first.start + second.start)
    start, end = onward.span.query
    asset = aligned.frames.asset
    frames = aligned.frames.of((asset >= start - SLACK) & (asset <= end + SLACK))
    edges = sorted((first.query(start), first.query(end)))
    begin, stop = max(edges[0], aligned.span.query[0]), min(edges[1], aligned.span.query[1])
    ends = (line.asset(begin), line.asset(stop))
    unknown = np.zeros(len(frames))
    span = replace(
        aligned.span,
        query=(begin, stop),
        asset=(min(ends), max(ends)),
        speed=line.speed,
        mirrored=aligned.span.mirrored != onward.span.mirrored,
    )
    frames = replace(
        frames,
        asset=line.speed * frames.query + line.start,
        asset_ends=line.speed * frames.query_ends + line.start,
        score=unknown,
        bits=unknown + distance.HASH_BITS,
        sscd=unknown - 1,
    )
    return replace(aligned, span=span, frames=frames, line=line, looks=None)


def _common(pair: tuple[float, float], other: tuple[float, float]) -> float:
    """Return the seconds that two stretches share, below 0 if they do not meet."""
    return min(pair[1], other[1]) - max(pair[0], other[0])


def _align_at(query: Query, candidate: Candidate, times: Floats) -> tuple[Match, ...]:
    spans = align.align(
        query.frames.at(times),
        candidate.frames,
        query_duration=query.duration,
        asset_duration=candidate.duration,
    )
    return matching.matches(query, candidate, spans)


def _competitors(match: Match, media: Sequence[Candidate], found: Sequence[Match]) -> list[Candidate]:
    """Return media of the other role that belong to the match's entry or were found somewhere in the query.

    A medium that matches nowhere has no spans that could be missing.
    """
    best: dict[object, float] = {}
    for other in found:
        key = (other.candidate.entry_id, other.candidate.asset_id)
        best[key] = max(best.get(key, 0.0), 2.0 if other.exact else other.score)

    def likeness(candidate: Candidate) -> float:
        return best.get((candidate.entry_id, candidate.asset_id), 0.0)

    own = match.candidate
    others = [
        medium
        for medium in media
        if medium.role != own.role
        and likeness(medium) <= 1
        and (medium.entry_id == own.entry_id or likeness(medium) > 0)
    ]
    return sorted(others, key=lambda other: (other.entry_id != own.entry_id, -likeness(other)))[:COMPETITORS]


def _unseen(match: Match, candidate: Candidate, found: Sequence[Match]) -> Floats:
    """Return the moments of a match that no span of the candidate covers."""
    times = match.aligned.frames.query
    unseen = np.ones(len(times), dtype=np.bool_)
    for other in found:
        if other.candidate.entry_id == candidate.entry_id and other.candidate.asset_id == candidate.asset_id:
            covered = other.aligned.frames.query
            if len(covered):
                unseen &= (times < covered[0]) | (times > covered[-1])
    return times[unseen]


def overlap(match: Match, other: Match) -> bool:
    """Tell whether two spans cover the same seconds and part of the query. Previews cover one moment."""
    if matching.apart(match, other):
        return False
    (start, end), (begin, stop) = match.aligned.span.query, other.aligned.span.query
    shorter = min(end - start, stop - begin)
    common = _common((start, end), (begin, stop))
    return common >= OVERLAP * shorter if shorter > 0 else common >= 0
