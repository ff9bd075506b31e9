"""When a video's keyframes already settle a lookup, and when all of it has to be decoded. Pure.

Only the gravest verdict can be final before all is seen, since nothing graver can come: `known_fake`, for
the whole of the query, with a margin on everything that a full look could weigh otherwise. `no_match`,
`authentic_original` and `related` never are, nor is a query that shows the fake for a while and then
something else. The margins are there so that the full answer is the same; `make bench-accuracy` counts where
it is not.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Final, Literal

import numpy as np

from registry.catalogue.entries.model.entry import Query
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint, Sampling
from registry.catalogue.fingerprints.model.timeline import FaceTimeline
from registry.core.errors import NotSettled
from registry.core.numbers import Floats
from registry.matching.alignment.model import match as matching
from registry.matching.alignment.model import temporal_voting
from registry.matching.alignment.model.match import Match
from registry.matching.alignment.model.similarity import Similarity, similarity
from registry.matching.decision.model import faces
from registry.matching.decision.model.decision import Decision, Ruling

Wanted = Literal["nothing", "keyframes", "full"]
"""What a lookup needs besides: nothing, it is settled; all there is to know of keyframes; everything."""
STEPS: Final[tuple[Sampling, ...]] = ("digest", "glance", "keyframes")

MOMENTS: Final = 4
"""Fewest moments that settle anything, the last picture counted."""
PICTURES: Final = 3
"""Fewest different pictures among them."""
GAP: Final = 10.5
"""Longest stretch between two moments, in seconds: x264 sets a keyframe at every cut and every 250 frames,
which is 8.3 s at 30 frames a second and 10.4 at 24."""
EDGE: Final = 0.6
"""Seconds by which the first moment may follow the beginning, and the last precede the end."""
SURE: Final = 0.6
"""Mean likeness of the moments (SSCD .78, or 32 bits of 256): footage is beyond doubt from .42 on."""
LEAST: Final = 0.42
"""Likeness of each of them."""
UNSEEN: Final = 0.15
"""Share of them that may be less alike, where the asset changes between two looks at it."""
REACHES: Final = 0.3
"""Seconds by which its span may fall short of the query's beginning and end."""
FITS: Final = 0.4
"""Seconds within which query and asset are equally long and begin together: a copy of the whole."""
UNDERCUT: Final = 0.01
"""Likeness by which another line may be the better one in a copy of the whole. Measured, 124 copies of clips
that mostly show one person speaking: -.005 to .045 better; backwards and sped up clips are found to be so."""
CONTRAST: Final = 0.05
"""Likeness by which any other must be worse where the query is an excerpt: only pictures tell its place."""
AWAY: Final = 1.0
"""Seconds from which another start of the same line is another answer."""
FACE_MARGIN: Final = 0.06
"""Cosine by which the faces' mean must pass the bar."""
ODDS: Final = 3.0
"""Log-odds by which every rival original must be farther; .7 decide."""


def in_steps[T](
    make: Callable[[Sampling, Fingerprint | None], Fingerprint],
    ask: Callable[[Fingerprint], T],
    steps: Sequence[Sampling] = STEPS,
) -> T:
    """The answer to the least that settles it. `make` and `ask` raise `NotSettled` to be asked for more, and
    `make` is given what the step before found, so that nothing is computed twice."""
    before: Fingerprint | None = None
    for step in steps:
        try:
            before = make(step, before)
            return ask(before)
        except NotSettled as more:
            if more.wanted == "full":
                break
    return ask(make("full", None))


def spread(times: Sequence[float], end: float) -> bool:
    """Whether moments at these times (seconds, ascending) show all of a clip whose last picture is at
    `end`."""
    return (
        len(times) >= MOMENTS
        and times[0] <= EDGE
        and times[-1] >= end - EDGE
        and all(after - before <= GAP for before, after in itertools.pairwise(times))
    )


def wanted(query: Query, decided: Decision, *, seen: bool = True) -> Wanted:
    """What `query`, of keyframes, needs besides; `decided` is what it comes to by itself. `seen`: pictures
    were looked at, not the digest alone."""
    if decided.verdict == "known_fake" and not decided.mixed:
        if decided.groups[0][0].match.exact:
            return "nothing"
        if all(len(group) == 1 and _settled(query, group[0]) for group in decided.groups):
            return "nothing"
    if not seen:
        return "keyframes"
    promising = any(
        ruling.match.candidate.role == "fake" and _same_footage(query, ruling.match)
        for group in decided.groups
        for ruling in group
    )
    return "keyframes" if promising else "full"


def _settled(query: Query, ruling: Ruling) -> bool:
    one = ruling.match
    start, end = one.aligned.span.query
    return (
        ruling.verdict == "known_fake"
        and one.candidate.manipulation != "audio"
        and _same_footage(query, one)
        and start <= REACHES
        and end >= query.duration - REACHES
        and spread(np.unique(query.frames.times).tolist(), query.duration)
        and (ruling.rival is None or (ruling.rival >= ODDS and not _set_in(query)))
        and (not one.candidate.needs_faces or _same_faces(query, one))
        and _placed(query, one)
    )


def _set_in(query: Query) -> bool:
    """Whether the picture may hold another: an original in it can be too little to be told from keyframes,
    and all of it says more."""
    return not bool((query.frames.areas == query.frames.areas[:1]).all())


def _same_footage(query: Query, match: Match) -> bool:
    """Whether each moment that says anything agrees with one line through the asset, at its own speed."""
    times = np.unique(query.frames.times)
    return (
        match.aligned.line.speed == 1.0
        and len(times) >= MOMENTS - 1
        and match.aligned.pictures >= PICTURES
        and len(match.aligned.frames) == len(times)
        and match.score >= SURE
        and _alike(match)
    )


def _alike(match: Match) -> bool:
    """Whether each moment is like the asset's, but for few that fall where the asset was not looked at."""
    unlike = match.aligned.frames.query[match.aligned.frames.score < LEAST]
    return len(unlike) <= UNSEEN * len(match.aligned.frames) and all(_unseen(match, time) for time in unlike)


def _unseen(match: Match, time: float) -> bool:
    """Whether the asset changes about this second of the query, between two looks at it: a keyframe at a cut
    or a flash shows what neither of them does."""
    asset, there = match.candidate.frames, match.aligned.line.speed * time + match.aligned.line.start
    looks = np.unique(asset.times)
    after = int(np.searchsorted(looks, there, side="right"))
    if not 0 < after < len(looks):
        return False
    around = similarity(
        asset.at(looks[after - 1 : after]),
        asset.at(looks[after : after + 1]),
        query_duration=match.candidate.duration,
        asset_duration=match.candidate.duration,
    )
    return float(around.score.max(initial=0.0)) < SURE


def _placed(query: Query, match: Match) -> bool:
    """Whether it is certain which seconds of the asset it shows. A query as long as the asset shows it from
    the beginning, or has to be looked at: keyframes at cuts draw the line late, by half a second at most."""
    if abs(query.duration - match.candidate.duration) <= FITS:
        return abs(match.aligned.line.start) <= FITS and contrast(query, match) >= -UNDERCUT
    return contrast(query, match) >= CONTRAST


def _same_faces(query: Query, match: Match) -> bool:
    """Whether faces are the same, with a margin by all moments together, and without one that speaks against
    it: a mean could hide a stretch with another face."""
    evidence = match.faces
    if match.judgement != "same" or evidence.cosine is None:
        return False
    if evidence.cosine < matching.face_bar(evidence.pixels) + FACE_MARGIN:
        return False
    return all(
        found.cosine is None or found.cosine >= matching.other_bar(found.pixels)
        for found in (
            faces.compare(_at(query.faces, time), match.candidate.faces, match.aligned, least=1)
            for time in np.unique(query.faces.times)
        )
    )


def _at(every: FaceTimeline, time: float) -> FaceTimeline:
    here = every.times == time
    return FaceTimeline(
        every.times[here],
        every.tracks[here],
        every.pixels[here],
        every.quality[here],
        every.centres[here],
        every.embeddings[here],
        every.expressions[here],
    )


def contrast(query: Query, match: Match) -> float:
    """How much more alike the moments are along their line than along any other, -1 to 1: at another speed,
    backwards, or from another second on. Footage in which little happens fits many lines."""
    pairs = similarity(
        query.frames,
        match.candidate.frames,
        query_duration=query.duration,
        asset_duration=match.candidate.duration,
    )
    table = np.zeros((len(pairs.query), len(pairs.asset)))
    table[pairs.rows, pairs.columns] = pairs.score
    start = match.aligned.line.start
    mine = float(_along(table, pairs, 1.0, np.array([start]))[0])
    other = 0.0
    for speed in (1.0, *temporal_voting.SPEEDS):
        low, high = sorted((0.0, -speed * query.duration))
        starts = np.arange(low, high + match.candidate.duration, 0.25)
        if speed == 1.0:
            starts = starts[np.abs(starts - start) >= AWAY]
        other = max(other, float(_along(table, pairs, speed, starts).max(initial=0.0)))
    return mine - other


def _along(table: Floats, pairs: Similarity, speed: float, starts: Floats) -> Floats:
    """(k,) mean likeness of the query's moments along a line of each of k starts; 0 outside the asset."""
    times = speed * pairs.query.starts[None, :] + starts[:, None]
    at = np.searchsorted(pairs.asset.starts, times + 1e-6) - 1
    inside = (at >= 0) & (times < pairs.asset.ends[-1])
    at = np.clip(at, 0, len(pairs.asset) - 1)
    following = np.minimum(at + 1, len(pairs.asset) - 1)
    rows = np.arange(len(pairs.query))[None, :]
    likeness = np.maximum(table[rows, at], table[rows, following])
    return np.asarray(np.where(inside, likeness, 0.0).mean(axis=1))
