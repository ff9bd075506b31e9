"""What sound adds to an answer: it bears out a footage match, or stands alone under other pictures.

Sound never decides: where a fake is heard and its entry is not seen, a person does (`related`, `audio_only`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import numpy as np

from registry.catalogue.entries.model.entry import Candidate, Query
from registry.catalogue.fingerprints.model import audio
from registry.catalogue.fingerprints.model.audio import Stretch
from registry.matching.alignment.model import align
from registry.matching.alignment.model.align import Aligned, Span
from registry.matching.alignment.model.match import Match
from registry.matching.alignment.model.temporal_voting import Line
from registry.matching.decision.model import allowlist
from registry.matching.decision.model.faces import NO_FACES

APART: Final = 1.0
"""Seconds by which sound and picture may be out of step: a footage match is known to half a second."""
EXPLAINED: Final = 0.5
"""Share of a stretch that must be seen to be the original's for its sound to be no news."""
CONFIDENCE: Final = 0.9
"""That what sounds alike is the same sound: no unrelated pair of 23,002 was, but all were of 37 sounds."""

Heard = Mapping[UUID, tuple[Stretch, ...]]
"""The stretches of the query that sound like an asset, by asset."""


@dataclass(frozen=True, slots=True)
class Sound:
    """How much of a span sounds alike: `bit_error` 0-1, `seconds` of it."""

    bit_error: float
    seconds: float


def hear(query: Query, candidates: Iterable[Candidate]) -> Heard:
    """Align the query's sound with each candidate's, once an asset."""
    heard: dict[UUID, tuple[Stretch, ...]] = {}
    for candidate in candidates:
        if len(query.audio) and len(candidate.audio) and candidate.asset_id not in heard:
            heard[candidate.asset_id] = audio.align(query.audio, candidate.audio)
    return heard


def along(match: Match, heard: Heard) -> Sound | None:
    """The sound that agrees with a footage match: in its seconds, and in step with its pictures."""
    found = []
    for item in heard.get(match.candidate.asset_id, ()):
        start, end = _common(item, match.aligned.span.query)
        middle = (start + end) / 2
        apart = middle + item.asset[0] - item.query[0] - match.aligned.line.asset(middle)
        if end > start and abs(apart) <= APART:
            found.append(Sound(item.bit_error, end - start))
    return together(found)


def together(sounds: Sequence[Sound]) -> Sound | None:
    """Several as one; None for none."""
    seconds = sum(sound.seconds for sound in sounds)
    if not seconds:
        return None
    return Sound(sum(sound.bit_error * sound.seconds for sound in sounds) / seconds, seconds)


def alone(
    query: Query,
    candidates: Iterable[Candidate],
    heard: Heard,
    *,
    seen: Iterable[Match],
    genuine: Iterable[Match],
    spared: Sequence[Match] = (),
) -> list[tuple[Match, Sound]]:
    """The fakes that are heard and whose entry is not among the matches `seen`, a match a stretch.

    What sounds while the authentic original of a fake is shown, and is its sound, is no news: `genuine`; nor
    is what sounds while a harmless medium of at least its tier is shown: `spared`. Banks may have none of it
    (`Policy.audio`).
    """
    entries = {match.candidate.entry_id for match in seen}
    originals = list(genuine)
    found = []
    for item in candidates:
        if item.role == "fake" and item.policy.audio and item.counts and item.entry_id not in entries:
            known = originals + [other for other in spared if allowlist.outranks(other, item)]
            for stretch in heard.get(item.asset_id, ()):
                if not any(_explains(match, stretch, heard) for match in known):
                    sound = Sound(stretch.bit_error, stretch.seconds)
                    found.append((_match(query, item, stretch), sound))
    return found


def _explains(original: Match, stretch: Stretch, heard: Heard) -> bool:
    if along(original, heard) is None:
        return False
    start, end = _common(stretch, original.aligned.span.query)
    return end - start >= EXPLAINED * stretch.seconds


def _common(stretch: Stretch, seconds: tuple[float, float]) -> tuple[float, float]:
    return max(stretch.query[0], seconds[0]), min(stretch.query[1], seconds[1])


def _match(query: Query, candidate: Candidate, stretch: Stretch) -> Match:
    """A match without pictures: its span is that of the sound."""
    nothing = np.empty(0)
    line = Line(1.0, stretch.asset[0] - stretch.query[0])
    span = Span(stretch.query, stretch.asset, 1.0, False)
    places = nothing.reshape(0, 4)
    frames = align.Frames(nothing, nothing, nothing, nothing, nothing, nothing, nothing, places)
    aligned = Aligned(span, frames, line, 0, (query.duration, candidate.duration), audio.STEP)
    return Match(candidate, aligned, NO_FACES, "none", False, False, query.faces)
