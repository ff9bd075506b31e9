"""Match each part of a query's picture by itself: one part may show a fake, another its original.

A fake and its original differ little, so a picture-in-picture resembles both. Both are therefore compared
with one part of the picture at a time, along the lines found for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from registry.catalogue.entries.model.entry import Candidate, Query
from registry.catalogue.fingerprints.model import distance
from registry.catalogue.fingerprints.model.timeline import Timeline
from registry.core.numbers import Floats, Ints
from registry.matching.alignment.model import similarity
from registry.matching.alignment.model.align import Aligned, Frames
from registry.matching.alignment.model.similarity import HASH_FLOOR, SSCD_FLOOR
from registry.matching.decision.model import confidence, insets, odds
from registry.matching.decision.model import match as matching
from registry.matching.decision.model.match import Area, Match

MOST: Final = 8
"""Parts of the picture compared, the most frequent first."""
NEAR: Final = 0.6
"""Seconds around the line's position in which a frame of the asset is searched."""
AROUND: Final = 4
"""Frames of the asset compared on either side of that position."""
COMPETITORS: Final = 8
"""Most originals compared with a fake, and fakes with an original, the most alike first."""
FAKE: Final = 1.4
ORIGINAL: Final = 0.7
"""Log-odds (FAKE, ORIGINAL) from which a part shows that role and not the other. Measured on six face swaps
with their originals inset at 30-50 % of the sides or beside them: 1.5-14 for the one shown. In parts of 123
copies of 18 fakes never above 0 for the other."""
AGREE: Final = 0.8
"""Share of a part's moments that must agree with the total."""
MOMENTS: Final = 2
"""Fewest moments that a part must have."""
BLOCK: Final = 2_000
SLACK: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the picture along a line through an asset.

    `area`: left, top, right, bottom, 0-1. Of k moments: `times` (k,) in seconds; `bits` (k,) distance of the
    better hash, 256 if there is none; `sscd` (k,) cosine, -1 if there is none.
    """

    area: Area
    times: Floats
    bits: Floats
    sscd: Floats

    @property
    def score(self) -> Floats:
        """(k,) similarity, 0-1, as pairs are scored."""
        by_hash = (HASH_FLOOR - self.bits) / HASH_FLOOR
        by_sscd = (self.sscd - SSCD_FLOOR) / (1 - SSCD_FLOOR)
        return np.asarray(np.clip(np.maximum(by_hash, by_sscd), 0, 1), dtype=np.float64)


def split(query: Query, found: Sequence[Match]) -> list[Match]:
    """Limit fakes and originals that are seen in different parts of the picture at once to their own part.

    Someone who compares a fake with its original shows both.
    """
    made = list(found)
    if len(query.frames) and not (query.frames.areas == query.frames.areas[:1]).all():
        known = {
            at: parts(query.frames, one.candidate.frames, one.aligned)
            for at, one in enumerate(found)
            if any(_competitors(one, other) for other in found)
        }
        told = _told(found, known)
        for at, mine in told.items():
            others = [other for other in told if _competitors(found[at], found[other])]
            if any(told[other] != mine for other in others):
                made[at] = _held(found[at], known[at][mine])
    return _by_faces(made)


def _by_faces(found: list[Match]) -> list[Match]:
    """Do the same by faces, if the edges of the inset cannot be seen but its face can."""
    made = list(found)
    for at, fake in enumerate(found):
        if fake.candidate.role != "fake" or fake.area is not None or fake.judgement != "same":
            continue
        competitors = [other for other in range(len(found)) if _competitors(fake, found[other])]
        free = [other for other in competitors if found[other].area is None]
        for other in sorted(free, key=lambda item: -found[item].score)[:COMPETITORS]:
            if (both := insets.told(fake, found[other])) is not None:
                made[at], made[other] = both
    return made


def _told(found: Sequence[Match], known: dict[int, tuple[Part, ...]]) -> dict[int, int]:
    """Return, by match, the index of the part that shows it and nothing of the other role."""
    told: dict[int, int] = {}
    for at, mine in known.items():
        competitors = [other for other in known if _competitors(found[at], found[other])]
        trusted = [other for other in competitors if _trusted(found[other].candidate)] or competitors
        nearest = sorted(trusted, key=lambda other: -found[other].score)[:COMPETITORS]
        odds = [
            min((_odds(found[at], part, found[other], known[other][index]) for other in nearest), default=0.0)
            for index, part in enumerate(mine)
        ]
        least = FAKE if found[at].candidate.role == "fake" else ORIGINAL
        if odds and max(odds) >= least:
            told[at] = int(np.argmax(odds))
    return told


def _competitors(match: Match, other: Match) -> bool:
    """Tell whether one is a fake and the other an original, in some of the same seconds."""
    (start, end), (begin, stop) = match.aligned.span.query, other.aligned.span.query
    exact = match.exact or other.exact
    return match.candidate.role != other.candidate.role and not exact and min(end, stop) > max(start, begin)


def _trusted(candidate: Candidate) -> bool:
    """Tell whether an entry may cast doubt on another. A stranger's unreviewed entry may not."""
    tier = candidate.tier if candidate.role == "fake" else candidate.original_tier
    return candidate.own or tier != "unreviewed"


def _odds(match: Match, mine: Part, other: Match, theirs: Part) -> float:
    """Return how much nearer a part is to `match` than to `other`, as log-odds.

    0 if the part does not show the footage of `match`, or if its moments disagree.
    """
    times, i, j = np.intersect1d(mine.times, theirs.times, return_indices=True)
    if len(times) < MOMENTS or float(mine.score[i].mean()) < confidence.LOUD:
        return 0.0
    by_moment = similarity.nearer(_floored(mine, i), _floored(theirs, j))
    first, second = _held(match, mine), _held(other, theirs)
    fake = match.candidate.role == "fake"
    total = odds.weigh(first, second)[0] if fake else -odds.weigh(second, first)[0]
    return total if float((np.sign(by_moment) == np.sign(total)).mean()) >= AGREE else 0.0


def _floored(part: Part, at: Ints) -> tuple[Floats, Floats]:
    sscd = np.where(part.sscd[at] > -1, part.sscd[at], odds.UNLIKE_SSCD)
    return sscd, np.minimum(part.bits[at], odds.UNLIKE_BITS)


def _held(match: Match, part: Part) -> Match:
    """Limit the match to its part of the picture, with the frames and faces in it."""
    aligned, line = match.aligned, match.aligned.line
    score = part.score
    seen = score > 0
    times = part.times[seen]
    ends = times + aligned.step
    asset = np.clip(line.speed * times + line.start, 0, match.candidate.duration)
    frames = Frames(
        query=times,
        query_ends=ends,
        asset=asset,
        asset_ends=asset + aligned.step,
        score=score[seen],
        bits=part.bits[seen],
        sscd=part.sscd[seen],
        areas=np.tile(np.array(part.area), (len(times), 1)),
    )
    pictures = min(aligned.pictures, len(frames))
    # These are seconds of the line, not moments of the asset: they cannot be looked up again.
    return match.seen_in(part.area, replace(aligned, frames=frames, pictures=pictures, looks=None))


def parts(query: Timeline, asset: Timeline, aligned: Aligned) -> tuple[Part, ...]:
    """Compare each part of the query's picture along a span; the whole picture is one of the parts.

    The parts and their order depend on the query alone.
    """
    start, end = aligned.span.query
    areas, every = _areas(query.areas)
    rows = np.nonzero((query.times >= start - SLACK) & (query.times <= end + SLACK))[0]
    part = every[rows]
    if not len(rows) or not len(asset):
        return tuple(Part(_edges(area), *np.empty((3, 0))) for area in areas)
    bits, sscd = _compare(query, asset, rows, aligned)
    found = []
    for index, area in enumerate(areas):
        mine = np.nonzero(part == index)[0]
        times, first = np.unique(query.times[rows[mine]], return_index=True)
        least = np.minimum.reduceat(bits[mine], first) if len(mine) else times
        most = np.maximum.reduceat(sscd[mine], first) if len(mine) else times
        found.append(Part(_edges(area), times, least, most))
    return tuple(found)


def _edges(area: Floats) -> Area:
    left, top, right, bottom = map(float, area)
    return (left, top, right, bottom)


def _areas(areas: Floats) -> tuple[Floats, Ints]:
    """Return (p, 4) distinct areas, the most frequent first, and (k,) the index of each row's area; -1:
    none."""
    kinds, which, counts = np.unique(np.round(areas, 2), axis=0, return_inverse=True, return_counts=True)
    kept: list[int] = []
    for item in np.argsort(-counts, kind="stable"):
        if len(kept) < MOST and all(
            matching.union(kinds[item], kinds[other]) < matching.ONE_PART for other in kept
        ):
            kept.append(int(item))
    nearest = np.full(len(kinds), -1, dtype=np.int64)
    for at, kind in enumerate(kinds):
        shares = [matching.union(kind, kinds[other]) for other in kept]
        if max(shares) >= matching.ONE_PART:
            nearest[at] = int(np.argmax(shares))
    return kinds[kept], nearest[which.reshape(-1)]


def _compare(query: Timeline, asset: Timeline, rows: Ints, aligned: Aligned) -> tuple[Floats, Floats]:
    """Return (k,) least hash distance and (k,) greatest cosine of each row to the asset's frames near the
    line."""
    bits, sscd = np.full(len(rows), float(distance.HASH_BITS)), np.full(len(rows), -1.0)
    line = aligned.line
    for at in range(0, len(rows), BLOCK):
        some = rows[at : at + BLOCK]
        wanted = line.speed * query.times[some] + line.start
        columns = asset.nearest(wanted)[:, None] + np.arange(-AROUND, AROUND + 1)
        there = (columns >= 0) & (columns < len(asset))
        columns = np.clip(columns, 0, len(asset) - 1)
        begins = asset.times[columns]
        away = np.maximum(begins - wanted[:, None], wanted[:, None] - begins - asset.durations[columns])
        there &= (away <= NEAR) | (away <= away.min(axis=1, keepdims=True) + SLACK)
        bits[at : at + BLOCK] = np.minimum(
            _bits(
                query.phash256[some],
                asset.phash256[columns],
                there,
                query.has_phash256[some],
                asset.has_phash256[columns],
            ),
            _bits(query.pdq[some], asset.pdq[columns], there, query.has_pdq[some], asset.has_pdq[columns]),
        )
        known = there & query.has_sscd[some][:, None] & asset.has_sscd[columns]
        cosine = np.einsum("ij,ikj->ik", query.sscd[some], asset.sscd[columns])
        sscd[at : at + BLOCK] = np.where(known, cosine, -1).max(axis=1)
    return bits, sscd


def _bits(
    mine: NDArray[np.uint8],
    theirs: NDArray[np.uint8],
    there: NDArray[np.bool_],
    has: NDArray[np.bool_],
    have: NDArray[np.bool_],
) -> Floats:
    apart = np.bitwise_count(mine[:, None, :] ^ theirs).sum(axis=2)
    known = there & has[:, None] & have
    return np.asarray(np.where(known, apart, distance.HASH_BITS).min(axis=1), dtype=np.float64)
