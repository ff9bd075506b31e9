"""Answer a single hash from the most similar moment of each medium. Pure.

A picture with one known hash has no time, no faces and no sound. So only the distance in bits to each medium
counts, and how the medium is registered. There are few combinations of these. Each is decided once, by the
rules of `matching.decision.model.decision`, and cached.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Final
from uuid import UUID

import numpy as np

from registry.catalogue.entries.model.entry import Candidate, Manipulation, Policy, Query, Tier
from registry.catalogue.fingerprints.model import distance, timeline
from registry.catalogue.fingerprints.model.timeline import FaceTimeline, Timeline
from registry.catalogue.media.model import Role
from registry.matching.alignment.model.align import Span
from registry.matching.decision.model import decision
from registry.matching.decision.model.decision import Decision
from registry.matching.decision.model.rulings import Ruling

REMEMBERED: Final = 4_096
"""Decisions cached, a few kilobytes each."""
UNKNOWN_DURATION: Final = 1.0
"""Most seconds that a frame without a duration lasts, as in `matching.alignment.model.similarity`."""
_PLACES: Final = 10_000.0


@dataclass(frozen=True, slots=True)
class Nearest:
    """The moment of a candidate that is most like a hash, `bits` away.

    It lasts from `time` for `duration` seconds; the next moment begins at `following`, None for the last.
    `measured`: a frame of the medium has PDQ, or the hash is one. The candidate has no frames and no faces,
    and its `manipulation` is set.
    """

    candidate: Candidate
    bits: int
    time: float
    duration: float
    following: float | None
    measured: bool

    @property
    def span(self) -> Span:
        """The stretch of the asset that the moment shows."""
        start, limit = self.time, self.candidate.duration
        end = start + self.duration
        following = max(end, limit, start + 0.5) if self.following is None else self.following
        end = min(following, start + UNKNOWN_DURATION if end <= start else end)
        return Span((0.0, 0.0), (round(start, 2), round(max(start, min(end, limit)), 2)), 1.0, False)


def seconds(real: float) -> float:
    """Round a time of a single-precision column as timelines do."""
    return round(real * _PLACES) / _PLACES


def decide(nearest: Sequence[Nearest]) -> Decision:
    """Return the answer to a hash with these media in reach, given in the order of candidates.

    Its matches name candidates and spans; they hold no other data of their frames.
    """
    entries: dict[UUID, int] = {}
    assets: dict[UUID, int] = {}
    standings = tuple(
        _Standing(
            entries.setdefault(medium.candidate.entry_id, len(entries)),
            assets.setdefault(medium.candidate.asset_id, len(assets)),
            medium.candidate.role,
            medium.candidate.tier,
            medium.candidate.original_tier,
            medium.candidate.manipulation,
            medium.candidate.own,
            medium.candidate.policy,
            medium.bits,
            medium.measured,
            medium.candidate.allowlisted,
        )
        for medium in nearest
    )
    cached = _decided(standings)
    groups = tuple(tuple(_with_medium(ruling, nearest) for ruling in group) for group in cached.groups)
    return replace(cached, groups=groups)


def _with_medium(ruling: Ruling, nearest: Sequence[Nearest]) -> Ruling:
    match = ruling.match
    medium = nearest[int(match.candidate.title)]
    aligned = replace(match.aligned, span=medium.span)
    return replace(ruling, match=replace(match, candidate=medium.candidate, aligned=aligned))


@dataclass(frozen=True, slots=True)
class _Standing:
    """The facts of a medium that decide. `entry` and `asset` are numbered within the lookup."""

    entry: int
    asset: int
    role: Role
    tier: Tier
    original_tier: Tier
    manipulation: Manipulation | None
    own: bool
    policy: Policy
    bits: int
    measured: bool
    allowlisted: bool


@lru_cache(maxsize=REMEMBERED)
def _decided(standings: tuple[_Standing, ...]) -> Decision:
    return decision.decide(
        _query(), [_candidate(place, standing) for place, standing in enumerate(standings)]
    )


@cache
def _query() -> Query:
    """Return a picture whose hash is all zeros."""
    return Query(None, "image", 0.0, _frame(0, measured=False), no_faces(), has_faces=False)


def _candidate(place: int, standing: _Standing) -> Candidate:
    """Return a medium of one frame, so many bits from the query's; its title is its index."""
    return Candidate(
        asset_id=UUID(int=standing.asset),
        entry_id=UUID(int=standing.entry),
        role=standing.role,
        sha256="",
        kind="image",
        duration=0.0,
        title=str(place),
        bank="",
        tier=standing.tier,
        original_tier=standing.original_tier,
        manipulation=standing.manipulation,
        own=standing.own,
        policy=standing.policy,
        references=(),
        frames=_frame(standing.bits, measured=standing.measured),
        faces=no_faces(),
        allowlisted=standing.allowlisted,
    )


def _frame(bits: int, *, measured: bool) -> Timeline:
    """Return a picture whose hash has so many ones. `measured`: it has a PDQ too, whose value does not
    matter."""
    value = np.packbits(np.arange(distance.HASH_BITS) < bits)[None, :]
    return replace(
        no_frames(),
        times=np.zeros(1),
        durations=np.zeros(1),
        mirrored=np.zeros(1, dtype=np.bool_),
        areas=timeline.whole(1),
        phash256=value,
        has_phash256=np.ones(1, dtype=np.bool_),
        pdq=value,
        has_pdq=np.full(1, measured),
        sscd=np.zeros((1, no_frames().sscd.shape[1]), dtype=np.float32),
        has_sscd=np.zeros(1, dtype=np.bool_),
    )


@cache
def no_frames() -> Timeline:
    """Return a timeline without frames."""
    return timeline.of_frames(())


@cache
def no_faces() -> FaceTimeline:
    """Return a timeline without faces."""
    return timeline.of_faces(())
