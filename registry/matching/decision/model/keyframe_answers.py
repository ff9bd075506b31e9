"""Decide whether a video's keyframes settle a lookup, or all of it must be decoded. Pure.

Before everything is seen, only the gravest verdict can be final, since nothing graver can follow. It is
`known_fake`, for the whole query, with a margin on everything that a full look could judge differently.
`authentic_original` and `related` are never final, nor is a query that shows the fake for a while and then
something else. `no_match` is final only where the asker wants no more effort. With the margins the full
answer is the same; `make bench-recipes` counts the exceptions.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from registry.catalogue.entries.model.entry import Query
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint, Sampling
from registry.catalogue.fingerprints.model.timeline import FaceTimeline
from registry.core.numbers import Floats
from registry.matching.alignment.model import faces, temporal_voting
from registry.matching.alignment.model.similarity import Similarity, similarity
from registry.matching.decision.model.decision import Decision
from registry.matching.decision.model.evidence import face_bar, other_bar
from registry.matching.decision.model.match import Match
from registry.matching.decision.model.rulings import Ruling

Effort = Literal["quick", "standard", "full"]
"""How much of a video is read. `quick`: keyframes that resemble nothing registered are the answer. `full`:
all of it, even where keyframes settle the lookup."""
Need = Literal["nothing", "keyframes", "full"]
"""What a lookup still needs: nothing, it is settled; everything about its keyframes; the full video."""
STEPS: Final[tuple[Sampling, ...]] = ("digest", "glance", "keyframes")

MOMENTS: Final = 4
"""Fewest moments that settle anything, including the last picture."""
PICTURES: Final = 3
"""Fewest different pictures among them."""
GAP: Final = 10.5
"""Longest gap between two moments, in seconds. x264 sets a keyframe at every cut and every 250 frames, which
is 8.3 s at 30 frames per second and 10.4 s at 24."""
EDGE: Final = 0.6
"""Most seconds from the beginning to the first moment, and from the last moment to the end."""
SURE: Final = 0.6
"""Least mean similarity of the moments (SSCD .78, or 32 bits of 256); footage is certain from .42 on."""
LEAST: Final = 0.42
"""Least similarity of each moment."""
UNSEEN: Final = 0.15
"""Share of the moments that may be less similar, where the asset changes between two of its samples."""
REACHES: Final = 0.3
"""Most seconds by which the span may miss the query's beginning and end."""
FITS: Final = 0.4
"""Seconds within which query and asset are equally long and begin together: a copy of the whole."""
UNDERCUT: Final = 0.01
"""Similarity by which another line may be better in a copy of the whole. Measured on 124 copies of clips that
mostly show one person speaking: the right line is -.005 to .045 better. Backwards and sped-up clips are
recognised as such."""
CONTRAST: Final = 0.05
"""Similarity by which every other line must be worse if the query is an excerpt: only pictures tell its
position."""
AWAY: Final = 1.0
"""Seconds from which another start of the same line is another answer."""
FACE_MARGIN: Final = 0.06
"""Cosine by which the faces' mean must exceed the threshold."""
ODDS: Final = 3.0
"""Log-odds by which every competing original must be farther. A full answer needs .7."""


@dataclass(frozen=True, slots=True)
class Unsettled:
    """A part of the file does not settle the lookup. `wanted`: what to send next."""

    wanted: Literal["keyframes", "full"]


def in_steps[T](
    make: Callable[[Sampling, Fingerprint | None], Fingerprint | None],
    ask: Callable[[Fingerprint], T | Unsettled],
    steps: Sequence[Sampling] = STEPS,
) -> T | Unsettled:
    """Return the answer to the least input that settles it; `Unsettled` only if the whole file does not.

    `make` gets the result of the previous step, so that nothing is computed twice. It returns None if
    keyframes cannot settle anything.
    """
    previous: Fingerprint | None = None
    for step in steps:
        previous = make(step, previous)
        result = Unsettled("full") if previous is None else ask(previous)
        if not isinstance(result, Unsettled):
            return result
        if result.wanted == "full":
            break
    whole = make("full", None)
    return Unsettled("full") if whole is None else ask(whole)


def spread(times: Sequence[float], end: float) -> bool:
    """Tell whether moments at these times (seconds, ascending) cover a whole clip with its last picture at
    `end`."""
    return len(times) >= MOMENTS and times[0] <= EDGE and times[-1] >= end - EDGE and covers(times, times[-1])


def covers(times: Sequence[float], end: float) -> bool:
    """Tell whether no moments at these times, from the beginning to `end`, are longer apart than `GAP`."""
    return all(after - before <= GAP for before, after in itertools.pairwise((0.0, *times, end)))


def needed(query: Query, decision: Decision, *, seen: bool = True, effort: Effort = "standard") -> Need:
    """Return what a `query` of keyframes still needs.

    `decision`: the decision on the keyframes alone. `seen`: pictures were examined, not the digest alone.
    """
    if effort == "full":
        return "full"
    if decision.verdict == "known_fake" and not decision.mixed:
        if decision.groups[0][0].match.exact:
            return "nothing"
        if all(len(group) == 1 and _settled(query, group[0]) for group in decision.groups):
            return "nothing"
    if not seen:
        return "keyframes"
    if effort == "quick" and decision.verdict == "no_match" and not decision.groups and _covered(query):
        return "nothing"
    promising = any(
        ruling.match.candidate.role == "fake" and _same_footage(query, ruling.match)
        for group in decision.groups
        for ruling in group
    )
    return "keyframes" if promising else "full"


def _covered(query: Query) -> bool:
    return covers(np.unique(query.frames.times).tolist(), query.duration)


def _settled(query: Query, ruling: Ruling) -> bool:
    match = ruling.match
    start, end = match.aligned.span.query
    return (
        ruling.verdict == "known_fake"
        and match.candidate.manipulation != "audio"
        and _same_footage(query, match)
        and start <= REACHES
        and end >= query.duration - REACHES
        and spread(np.unique(query.frames.times).tolist(), query.duration)
        and (ruling.competitor is None or (ruling.competitor >= ODDS and not _may_hold_inset(query)))
        and (not match.candidate.needs_faces or _same_faces(query, match))
        and _placed(query, match)
    )


def _may_hold_inset(query: Query) -> bool:
    """Tell whether the picture may contain an inset. An original in it can be too small to recognise in
    keyframes; the full video says more."""
    return not bool((query.frames.areas == query.frames.areas[:1]).all())


def _same_footage(query: Query, match: Match) -> bool:
    """Tell whether every informative moment agrees with one line through the asset, at normal speed."""
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
    """Tell whether each moment is like the asset's, except few that fall between the asset's samples."""
    unlike = match.aligned.frames.query[match.aligned.frames.score < LEAST]
    return len(unlike) <= UNSEEN * len(match.aligned.frames) and all(_unseen(match, time) for time in unlike)


def _unseen(match: Match, time: float) -> bool:
    """Tell whether the asset changes around this second of the query, between two of its samples.

    A keyframe at a cut or a flash shows what neither sample does.
    """
    asset, position = match.candidate.frames, match.aligned.line.speed * time + match.aligned.line.start
    samples = np.unique(asset.times)
    after = int(np.searchsorted(samples, position, side="right"))
    if not 0 < after < len(samples):
        return False
    pairs = similarity(
        asset.at(samples[after - 1 : after]),
        asset.at(samples[after : after + 1]),
        query_duration=match.candidate.duration,
        asset_duration=match.candidate.duration,
    )
    return float(pairs.score.max(initial=0.0)) < SURE


def _placed(query: Query, match: Match) -> bool:
    """Tell whether the match's position in the asset is certain.

    A query as long as the asset must show it from the beginning, otherwise it is examined in full. Keyframes
    at cuts place the line late, by at most half a second.
    """
    if abs(query.duration - match.candidate.duration) <= FITS:
        return abs(match.aligned.line.start) <= FITS and contrast(query, match) >= -UNDERCUT
    return contrast(query, match) >= CONTRAST


def _same_faces(query: Query, match: Match) -> bool:
    """Tell whether the faces are the same: with a margin over all moments together, and with no moment
    against it.

    A mean alone could hide a stretch with another face.
    """
    evidence = match.faces
    if match.judgement != "same" or evidence.cosine is None:
        return False
    if evidence.cosine < face_bar(evidence.pixels) + FACE_MARGIN:
        return False
    return all(
        moment.cosine is None or moment.cosine >= other_bar(moment.pixels)
        for moment in (
            faces.compare(_faces_at(query.faces, time), match.candidate.faces, match.aligned, least=1)
            for time in np.unique(query.faces.times)
        )
    )


def _faces_at(timeline: FaceTimeline, time: float) -> FaceTimeline:
    present = timeline.times == time
    return FaceTimeline(
        timeline.times[present],
        timeline.tracks[present],
        timeline.pixels[present],
        timeline.quality[present],
        timeline.centres[present],
        timeline.embeddings[present],
        timeline.expressions[present],
    )


def contrast(query: Query, match: Match) -> float:
    """Return how much more similar the moments are along their line than along any other, -1 to 1.

    The other lines have another speed, run backwards, or start at another second. Footage in which little
    happens fits many lines.
    """
    pairs = similarity(
        query.frames,
        match.candidate.frames,
        query_duration=query.duration,
        asset_duration=match.candidate.duration,
    )
    table = np.zeros((len(pairs.query), len(pairs.asset)))
    table[pairs.rows, pairs.columns] = pairs.score
    start = match.aligned.line.start
    own = float(_along(table, pairs, 1.0, np.array([start]))[0])
    best_other = 0.0
    for speed in (1.0, *temporal_voting.SPEEDS):
        low, high = sorted((0.0, -speed * query.duration))
        starts = np.arange(low, high + match.candidate.duration, 0.25)
        if speed == 1.0:
            starts = starts[np.abs(starts - start) >= AWAY]
        best_other = max(best_other, float(_along(table, pairs, speed, starts).max(initial=0.0)))
    return own - best_other


def _along(table: Floats, pairs: Similarity, speed: float, starts: Floats) -> Floats:
    """Return (k,) the mean similarity of the query's moments along a line from each of k starts; 0 outside
    the asset."""
    times = speed * pairs.query.starts[None, :] + starts[:, None]
    at = np.searchsorted(pairs.asset.starts, times + 1e-6) - 1
    inside = (at >= 0) & (times < pairs.asset.ends[-1])
    at = np.clip(at, 0, len(pairs.asset) - 1)
    following = np.minimum(at + 1, len(pairs.asset) - 1)
    rows = np.arange(len(pairs.query))[None, :]
    likeness = np.maximum(table[rows, at], table[rows, following])
    return np.asarray(np.where(inside, likeness, 0.0).mean(axis=1))
