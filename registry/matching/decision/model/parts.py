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


def split(query: Query, matches: Sequence[Match]) -> list[Match]:
    """Limit fakes and originals that are seen in different parts of the picture at once to their own part.

    Someone who compares a fake with its original shows both.
    """
    limited = list(matches)
    if len(query.frames) and not (query.frames.areas == query.frames.areas[:1]).all():
        parts_by_match = {
            at: parts(query.frames, match.candidate.frames, match.aligned)
            for at, match in enumerate(matches)
            if any(_competitors(match, other) for other in matches)
        }
        shown = _shown_parts(matches, parts_by_match)
        for at, index in shown.items():
            others = [other for other in shown if _competitors(matches[at], matches[other])]
            if any(shown[other] != index for other in others):
                limited[at] = _limited_to_part(matches[at], parts_by_match[at][index])
    return _by_faces(limited)


def _by_faces(matches: list[Match]) -> list[Match]:
    """Do the same by faces, if the edges of the inset cannot be seen but its face can."""
    limited = list(matches)
    for at, fake in enumerate(matches):
        if fake.candidate.role != "fake" or fake.area is not None or fake.judgement != "same":
            continue
        competitors = [other for other in range(len(matches)) if _competitors(fake, matches[other])]
        free = [other for other in competitors if matches[other].area is None]
        for other in sorted(free, key=lambda index: -matches[index].score)[:COMPETITORS]:
            if (pair := insets.locate(fake, matches[other])) is not None:
                limited[at], limited[other] = pair
    return limited


def _shown_parts(matches: Sequence[Match], parts_by_match: dict[int, tuple[Part, ...]]) -> dict[int, int]:
    """Return, by match, the index of the part that shows it and nothing of the other role."""
    shown: dict[int, int] = {}
    for at, own_parts in parts_by_match.items():
        competitors = [other for other in parts_by_match if _competitors(matches[at], matches[other])]
        trusted = [other for other in competitors if _trusted(matches[other].candidate)] or competitors
        nearest = sorted(trusted, key=lambda other: -matches[other].score)[:COMPETITORS]
        odds = [
            min(
                (_odds(matches[at], part, matches[other], parts_by_match[other][index]) for other in nearest),
                default=0.0,
            )
            for index, part in enumerate(own_parts)
        ]
        least = FAKE if matches[at].candidate.role == "fake" else ORIGINAL
        if odds and max(odds) >= least:
            shown[at] = int(np.argmax(odds))
    return shown


def _competitors(match: Match, other: Match) -> bool:
    """Tell whether one is a fake and the other an original, in some of the same seconds."""
    (start, end), (begin, stop) = match.aligned.span.query, other.aligned.span.query
    exact = match.exact or other.exact
    return match.candidate.role != other.candidate.role and not exact and min(end, stop) > max(start, begin)


def _trusted(candidate: Candidate) -> bool:
    """Tell whether an entry may cast doubt on another. A stranger's unreviewed entry may not."""
    tier = candidate.tier if candidate.role == "fake" else candidate.original_tier
    return candidate.own or tier != "unreviewed"


def _odds(match: Match, part: Part, other: Match, other_part: Part) -> float:
    """Return how much nearer a part is to `match` than to `other`, as log-odds.

    0 if the part does not show the footage of `match`, or if its moments disagree.
    """
    times, i, j = np.intersect1d(part.times, other_part.times, return_indices=True)
    if len(times) < MOMENTS or float(part.score[i].mean()) < confidence.LOUD:
        return 0.0
    by_moment = similarity.nearer(_floored(part, i), _floored(other_part, j))
    first, second = _limited_to_part(match, part), _limited_to_part(other, other_part)
    fake = match.candidate.role == "fake"
    total = odds.weigh(first, second)[0] if fake else -odds.weigh(second, first)[0]
    return total if float((np.sign(by_moment) == np.sign(total)).mean()) >= AGREE else 0.0


def _floored(part: Part, at: Ints) -> tuple[Floats, Floats]:
    sscd = np.where(part.sscd[at] > -1, part.sscd[at], odds.UNLIKE_SSCD)
    return sscd, np.minimum(part.bits[at], odds.UNLIKE_BITS)


def _limited_to_part(match: Match, part: Part) -> Match:
    """Limit the match to its part of the picture, with the frames and faces in it."""
    aligned, line = match.aligned, match.aligned.line
    score = part.score
    visible = score > 0
    times = part.times[visible]
    ends = times + aligned.step
    asset = np.clip(line.speed * times + line.start, 0, match.candidate.duration)
    frames = Frames(
        query=times,
        query_ends=ends,
        asset=asset,
        asset_ends=asset + aligned.step,
        score=score[visible],
        bits=part.bits[visible],
        sscd=part.sscd[visible],
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
    areas, numbers = _areas(query.areas)
    rows = np.nonzero((query.times >= start - SLACK) & (query.times <= end + SLACK))[0]
    row_numbers = numbers[rows]
    if not len(rows) or not len(asset):
        return tuple(Part(_edges(area), *np.empty((3, 0))) for area in areas)
    bits, sscd = _compare(query, asset, rows, aligned)
    compared = []
    for index, area in enumerate(areas):
        members = np.nonzero(row_numbers == index)[0]
        times, first = np.unique(query.times[rows[members]], return_index=True)
        least = np.minimum.reduceat(bits[members], first) if len(members) else times
        most = np.maximum.reduceat(sscd[members], first) if len(members) else times
        compared.append(Part(_edges(area), times, least, most))
    return tuple(compared)


def _edges(area: Floats) -> Area:
    left, top, right, bottom = map(float, area)
    return (left, top, right, bottom)


def _areas(areas: Floats) -> tuple[Floats, Ints]:
    """Return (p, 4) distinct areas, the most frequent first, and (k,) the index of each row's area; -1:
    none."""
    kinds, kind_of_row, counts = np.unique(
        np.round(areas, 2), axis=0, return_inverse=True, return_counts=True
    )
    distinct: list[int] = []
    for index in np.argsort(-counts, kind="stable"):
        if len(distinct) < MOST and all(
            matching.union(kinds[index], kinds[other]) < matching.ONE_PART for other in distinct
        ):
            distinct.append(int(index))
    nearest = np.full(len(kinds), -1, dtype=np.int64)
    for at, kind in enumerate(kinds):
        shares = [matching.union(kind, kinds[other]) for other in distinct]
        if max(shares) >= matching.ONE_PART:
            nearest[at] = int(np.argmax(shares))
    return kinds[distinct], nearest[kind_of_row.reshape(-1)]


def _compare(query: Timeline, asset: Timeline, rows: Ints, aligned: Aligned) -> tuple[Floats, Floats]:
    """Return (k,) least hash distance and (k,) greatest cosine of each row to the asset's frames near the
    line."""
    bits, sscd = np.full(len(rows), float(distance.HASH_BITS)), np.full(len(rows), -1.0)
    line = aligned.line
    for at in range(0, len(rows), BLOCK):
        block = rows[at : at + BLOCK]
        positions = line.speed * query.times[block] + line.start
        columns = asset.nearest(positions)[:, None] + np.arange(-AROUND, AROUND + 1)
        near = (columns >= 0) & (columns < len(asset))
        columns = np.clip(columns, 0, len(asset) - 1)
        begins = asset.times[columns]
        away = np.maximum(begins - positions[:, None], positions[:, None] - begins - asset.durations[columns])
        near &= (away <= NEAR) | (away <= away.min(axis=1, keepdims=True) + SLACK)
        bits[at : at + BLOCK] = np.minimum(
            _bits(
                query.phash256[block],
                asset.phash256[columns],
                near,
                query.has_phash256[block],
                asset.has_phash256[columns],
            ),
            _bits(query.pdq[block], asset.pdq[columns], near, query.has_pdq[block], asset.has_pdq[columns]),
        )
        comparable = near & query.has_sscd[block][:, None] & asset.has_sscd[columns]
        cosine = np.einsum("ij,ikj->ik", query.sscd[block], asset.sscd[columns])
        sscd[at : at + BLOCK] = np.where(comparable, cosine, -1).max(axis=1)
    return bits, sscd


def _bits(
    query_hashes: NDArray[np.uint8],
    asset_hashes: NDArray[np.uint8],
    near: NDArray[np.bool_],
    query_has: NDArray[np.bool_],
    asset_has: NDArray[np.bool_],
) -> Floats:
    apart = np.bitwise_count(query_hashes[:, None, :] ^ asset_hashes).sum(axis=2)
    comparable = near & query_has[:, None] & asset_has
    return np.asarray(np.where(comparable, apart, distance.HASH_BITS).min(axis=1), dtype=np.float64)
