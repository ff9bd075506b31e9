"""Sound in an answer: it confirms a footage match, or matches alone under other pictures.

Sound never decides. If a fake is heard but its entry is not seen, a person decides (`related`, `audio_only`).
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
from registry.matching.alignment.model.faces import NO_FACES
from registry.matching.alignment.model.temporal_voting import Line
from registry.matching.decision.model import allowlist
from registry.matching.decision.model.match import Match

APART: Final = 1.0
"""Most seconds that sound and picture may be out of sync: a footage match is accurate to half a second."""
EXPLAINED: Final = 0.5
"""Share of a stretch that must show the original for its sound to be expected."""
CONFIDENCE: Final = 0.9
"""Confidence that similar sound is the same sound. Of 23,002 unrelated pairs none was alike, but they were
all of 37 sounds."""

SoundStretches = Mapping[UUID, tuple[Stretch, ...]]
"""Stretches of the query that sound like an asset, by asset."""


@dataclass(frozen=True, slots=True)
class Sound:
    """How much of a span sounds alike: `bit_error` 0-1, over `seconds`."""

    bit_error: float
    seconds: float


def align_sounds(query: Query, candidates: Iterable[Candidate]) -> SoundStretches:
    """Align the query's sound with each candidate's, once per asset."""
    sounds: dict[UUID, tuple[Stretch, ...]] = {}
    for candidate in candidates:
        if len(query.audio) and len(candidate.audio) and candidate.asset_id not in sounds:
            sounds[candidate.asset_id] = audio.align(query.audio, candidate.audio)
    return sounds


def along(match: Match, sounds: SoundStretches) -> Sound | None:
    """Return the sound that agrees with a footage match: in its seconds, and in sync with its pictures."""
    agreeing = []
    for stretch in sounds.get(match.candidate.asset_id, ()):
        start, end = _common(stretch, match.aligned.span.query)
        middle = (start + end) / 2
        apart = middle + stretch.asset[0] - stretch.query[0] - match.aligned.line.asset(middle)
        if end > start and abs(apart) <= APART:
            agreeing.append(Sound(stretch.bit_error, end - start))
    return together(agreeing)


def together(sounds: Sequence[Sound]) -> Sound | None:
    """Combine several sounds into one; None for none."""
    seconds = sum(sound.seconds for sound in sounds)
    if not seconds:
        return None
    return Sound(sum(sound.bit_error * sound.seconds for sound in sounds) / seconds, seconds)


def alone(
    query: Query,
    candidates: Iterable[Candidate],
    sounds: SoundStretches,
    *,
    matches: Iterable[Match],
    genuine: Iterable[Match],
    allowlisted: Sequence[Match] = (),
) -> list[tuple[Match, Sound]]:
    """Return the fakes that are heard and whose entry is not in `matches`, one match per stretch.

    A stretch is left out in two cases: it is the sound of an authentic original (`genuine`) that is shown, or
    of an allowlisted medium of at least the fake's tier. A bank can turn sound matches off (`Policy.audio`).
    """
    entries = {match.candidate.entry_id for match in matches}
    originals = list(genuine)
    unexplained = []
    for candidate in candidates:
        if (
            candidate.role == "fake"
            and candidate.policy.audio
            and candidate.counts
            and candidate.entry_id not in entries
        ):
            explaining = originals + [match for match in allowlisted if allowlist.outranks(match, candidate)]
            for stretch in sounds.get(candidate.asset_id, ()):
                if not any(_explains(match, stretch, sounds) for match in explaining):
                    sound = Sound(stretch.bit_error, stretch.seconds)
                    unexplained.append((_match(query, candidate, stretch), sound))
    return unexplained


def _explains(original: Match, stretch: Stretch, sounds: SoundStretches) -> bool:
    if along(original, sounds) is None:
        return False
    start, end = _common(stretch, original.aligned.span.query)
    return end - start >= EXPLAINED * stretch.seconds


def _common(stretch: Stretch, seconds: tuple[float, float]) -> tuple[float, float]:
    return max(stretch.query[0], seconds[0]), min(stretch.query[1], seconds[1])


def _match(query: Query, candidate: Candidate, stretch: Stretch) -> Match:
    """Return a match without pictures; its span is that of the sound."""
    nothing = np.empty(0)
    line = Line(1.0, stretch.asset[0] - stretch.query[0])
    span = Span(stretch.query, stretch.asset, 1.0, False)
    places = nothing.reshape(0, 4)
    frames = align.Frames(nothing, nothing, nothing, nothing, nothing, nothing, nothing, places)
    aligned = Aligned(span, frames, line, 0, (query.duration, candidate.duration), audio.STEP)
    return Match(candidate, aligned, NO_FACES, "none", False, False, query)
