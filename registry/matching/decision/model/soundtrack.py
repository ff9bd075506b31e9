"""Sound in an answer: it confirms a footage match, matches alone under other pictures, or decides.

It decides for entries whose sound is what was faked (`Candidate.is_of_sound`). Of other entries, a fake that
is heard and not seen is for a person (`related`, `audio_only`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import numpy as np

from registry.catalogue.entries.model.entry import Candidate, Query, rank
from registry.catalogue.fingerprints.model import audio, peaks
from registry.catalogue.fingerprints.model.audio import Stretch
from registry.matching.alignment.model import align, hearing, lags
from registry.matching.alignment.model.align import Aligned, Span
from registry.matching.alignment.model.faces import NO_FACES
from registry.matching.alignment.model.temporal_voting import Line
from registry.matching.decision.model import allowlist
from registry.matching.decision.model.fake_or_original import original_outranks
from registry.matching.decision.model.match import Match

APART: Final = 1.0
"""Most seconds that sound and picture may be out of sync: a footage match is accurate to half a second."""
EXPLAINED: Final = 0.5
"""Share of a stretch that must show the original for its sound to be expected."""
CONFIDENCE: Final = 0.9
"""Confidence that similar sound is the same sound. Of 23,002 unrelated pairs none was alike, but they were
all of 37 sounds."""
SURE: Final = 0.95
"""Confidence that what is heard of an entry of sound is the same recording (decision 141)."""
ENOUGH: Final = 5.5
"""Seconds of a fake, its genuine ones included, from which its sound decides. A jingle or a greeting of a few
seconds is in many recordings."""
ENOUGH_OF_SHORT: Final = 0.8
"""The same as a share of a fake that is shorter. Two voices of one engine are alike for up to 4.5 s of a
text."""
LEAST_PART: Final = 1.0
"""Shortest part in seconds of a fake beside its original. The edges of a part are known to half a second."""
BESIDE: Final = audio.WINDOW + LEAST_PART
"""Least seconds beside a part that count as heard: a value at its edge covers some of both."""
LEAST_CUT: Final = 2 * audio.STEP
"""Least seconds that count as left out of an original."""
CLEARER: Final = 0.03
"""Bit error by which one recording is clearly nearer than another."""

_Line = tuple[Candidate, Sequence[Stretch]]
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
        may_be_fake = candidate.role == "fake" and not candidate.allowlisted
        align_sound = hearing.align_one_take if may_be_fake else hearing.align
        if candidate.asset_id not in sounds and (found := align_sound(query, candidate)):
            sounds[candidate.asset_id] = found
    return sounds


def along(match: Match, sounds: SoundStretches) -> Sound | None:
    """Return the sound that agrees with a footage match: in its seconds, and in sync with its pictures."""
    agreeing = []
    for stretch in sounds.get(match.candidate.asset_id, ()):
        start, end = _common(stretch, match.aligned.span.query)
        middle = (start + end) / 2
        apart = stretch.at(middle) - match.aligned.line.asset(middle)
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
            and not candidate.is_of_sound
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


def _match(query: Query, candidate: Candidate, stretch: Stretch, heard: float | None = None) -> Match:
    """Return a match without pictures; its span is that of the sound."""
    nothing = np.empty(0)
    line = Line(stretch.speed, stretch.at(0.0))
    span = Span(stretch.query, stretch.asset, 1.0, False)
    places = nothing.reshape(0, 4)
    frames = align.Frames(nothing, nothing, nothing, nothing, nothing, nothing, nothing, places)
    aligned = Aligned(span, frames, line, 0, (query.duration, candidate.duration), audio.STEP)
    return Match(candidate, aligned, NO_FACES, "none", False, False, query, heard=heard)


@dataclass(frozen=True, slots=True)
class Heard:
    """A part of the query that sounds like an asset whose sound decides.

    `reasons`: doubts about it; empty if it decides. `extent`: the stretch of the fake that it is a part of.
    """

    match: Match
    sound: Sound
    reasons: tuple[str, ...]
    extent: Match


def of_fakes(query: Query, candidates: Sequence[Candidate], sounds: SoundStretches) -> list[Heard]:
    """Return the parts of the query that are the sound of a fake, of entries whose sound decides.

    Seconds that the fake has in common with a trusted original are left out: they are genuine. So are those
    in which the query sounds like media of a negative bank of at least the fake's tier.
    """
    heard = []
    for fake in candidates:
        stretches = sounds.get(fake.asset_id, ())
        if fake.role == "fake" and not fake.allowlisted and _may_answer(query, fake) and stretches:
            heard += _of_fake(query, fake, stretches, _Others.of(fake, candidates, sounds))
    return heard


def of_originals(
    query: Query, candidates: Sequence[Candidate], sounds: SoundStretches, fakes: Iterable[Heard]
) -> list[Heard]:
    """Return the parts of a query of sound alone that are a registered original of an entry whose sound
    decides. Under pictures, genuine sound says nothing: anybody may quote it. Another take of its words is
    not sure to be it, nor is a recording with other words. `fakes`: what is heard of fakes."""
    if query.kind != "audio":
        return []
    originals = [other for other in candidates if other.role == "original" and not other.allowlisted]
    genuine = _heard_in(query, originals, sounds, most=0.0)
    added = ("weak",) if _adds_a_little(query, candidates, sounds, genuine) else ()
    explained = [*genuine, *(fake.match.aligned.span.query for fake in fakes if not fake.reasons)]
    return [
        Heard(match, Sound(stretch.bit_error, end - start), _unsure(stretch) or doubts, match)
        for original in originals
        if _may_answer(query, original) and original.asset_id in sounds
        for doubts in [added or _interrupted(query, original, sounds, explained)]
        for stretch in hearing.align_one_take(query, original)
        for start, end in audio.agreeing(query.audio, original.audio, stretch)
        if end - start >= LEAST_PART
        for match in [_match(query, original, stretch.limited_to((start, end)), heard=SURE)]
    ]


def _adds_a_little(
    query: Query, candidates: Sequence[Candidate], sounds: SoundStretches, genuine: Sequence[lags.Seconds]
) -> bool:
    """Tell whether a fake is heard beside all originals, for too short to decide."""
    return any(
        LEAST_CUT <= end - start < LEAST_PART
        for fake in candidates
        if fake.role == "fake" and not fake.allowlisted and _may_answer(query, fake)
        if fake.own or fake.tier != "unreviewed"
        for stretch in sounds.get(fake.asset_id, ())
        for seconds in audio.agreeing(query.audio, fake.audio, stretch)
        for start, end in hearing.without(seconds, genuine)
    )


def _interrupted(
    query: Query, original: Candidate, sounds: SoundStretches, explained: Sequence[lags.Seconds]
) -> tuple[str, ...]:
    """Return a doubt about an original between whose seconds the query has others that nothing explains: an
    unknown or badly recorded fake may have them."""
    own = _heard_in(query, [original], sounds, most=0.0)
    if not own:
        return ()
    whole = (min(start for start, _ in own), max(end for _, end in own))
    others = hearing.without(whole, explained)
    return ("weak",) if any(end - start >= LEAST_PART for start, end in others) else ()


def _unsure(stretch: Stretch) -> tuple[str, ...]:
    """Return a doubt about a stretch that is alike by its length only: another take of the words may be."""
    return () if stretch.sure else ("weak",)


def _may_answer(query: Query, candidate: Candidate) -> bool:
    under_pictures = "video" in {query.kind, candidate.kind}
    return candidate.is_of_sound and candidate.counts and (candidate.policy.audio or not under_pictures)


@dataclass(frozen=True, slots=True)
class _Others:
    """What else a fake is compared with. `trusted`: originals that outrank it. `claimed`: those that do not.
    `harmless`: media of negative banks. `complete`: an original of its own entry is among the trusted."""

    trusted: tuple[Candidate, ...]
    claimed: tuple[Candidate, ...]
    harmless: tuple[Candidate, ...]
    complete: bool
    sounds: SoundStretches

    @classmethod
    def of(cls, fake: Candidate, candidates: Iterable[Candidate], sounds: SoundStretches) -> _Others:
        trusted: list[Candidate] = []
        claimed: list[Candidate] = []
        harmless: list[Candidate] = []
        for candidate in candidates:
            if not len(candidate.audio) and not len(candidate.peaks):
                continue
            if candidate.allowlisted:
                if candidate.own and fake.tier != "court_order" and rank(candidate.tier) >= rank(fake.tier):
                    harmless.append(candidate)
            elif candidate.role == "original":
                (trusted if original_outranks(candidate, fake) else claimed).append(candidate)
        complete = any(original.entry_id == fake.entry_id for original in trusted)
        return cls(tuple(trusted), tuple(claimed), tuple(harmless), complete, sounds)


def _of_fake(query: Query, fake: Candidate, stretches: Sequence[Stretch], others: _Others) -> list[Heard]:
    lines = [(original, _common_stretches(fake, original)) for original in others.trusted]
    shared = [stretch.query for _, common in lines for stretch in common]
    same = bool(shared) and _length(fake) - hearing.total(shared) < LEAST_PART
    explaining = () if same else (*others.trusted, *others.harmless)
    parts: list[tuple[Stretch, Stretch]] = []
    for stretch in stretches:
        explained = _heard_in(query, explaining, others.sounds, most=stretch.bit_error + CLEARER)
        genuine = [] if same else [(stretch.back(start), stretch.back(end)) for start, end in shared]
        for seconds in audio.agreeing(query.audio, fake.audio, stretch):
            parts += [
                (stretch.limited_to(part), stretch)
                for part in hearing.without(seconds, [*explained, *genuine])
                if part[1] - part[0] >= LEAST_PART
            ]
    doubts = _doubts(fake, stretches, others, same=same)
    return [
        Heard(
            _match(query, fake, part, heard=SURE),
            Sound(part.bit_error, part.seconds),
            doubts
            or (
                *_unsure(whole),
                *_unproven(fake, part, whole),
                *(() if part == whole or lags.is_heard(fake.peaks, part, query.peaks) else ("weak",)),
                *_cut_out(fake, part, lines),
                *_claims(fake, part, others),
            ),
            _match(query, fake, whole, heard=SURE),
        )
        for part, whole in parts
    ]


def _common_stretches(fake: Candidate, original: Candidate) -> list[Stretch]:
    """Return the seconds of a fake that are the very recording of an original."""
    return [
        stretch.limited_to(seconds)
        for stretch in hearing.align(fake, original)
        if not _unsure(stretch)
        for seconds in audio.agreeing(fake.audio, original.audio, stretch)
    ]


def _doubts(fake: Candidate, stretches: Sequence[Stretch], others: _Others, *, same: bool) -> tuple[str, ...]:
    """Return the doubts about all that is heard of a fake. `same`: it sounds like a trusted original
    throughout."""
    if same:
        return ("original_close",)
    if fake.manipulation == "spliced" and not others.complete:
        return ("no_original",)
    heard = hearing.total([stretch.query for stretch in stretches if not _unsure(stretch)])
    return ("weak",) if heard < min(ENOUGH, ENOUGH_OF_SHORT * _length(fake)) else ()


def _length(candidate: Candidate) -> float:
    """Return the seconds of a medium's sound. Its pictures may be shorter or longer."""
    if not len(candidate.audio):
        return peaks.seconds(candidate.peaks)
    return audio.seconds(candidate.audio)


def _unproven(fake: Candidate, part: Stretch, whole: Stretch) -> tuple[str, ...]:
    """Return a doubt about a part of a `spliced` fake that is heard without what is before or after it. It
    may be cut from another genuine recording, which nobody registered."""
    joined = whole.asset[0] <= part.asset[0] - BESIDE or whole.asset[1] >= part.asset[1] + BESIDE
    return ("no_original",) if fake.manipulation == "spliced" and not joined else ()


def _cut_out(fake: Candidate, part: Stretch, lines: Iterable[_Line]) -> tuple[str, ...]:
    """Return a doubt about a part that may be words of an original, between pauses that were cut. `lines`:
    what the fake and the originals share."""
    for original, common in sorted(lines, key=lambda line: not line[1])[: lags.MOST_ORIGINALS]:
        if len(fake.peaks) and len(original.peaks):
            cut_out = lags.are_cut_out(fake.peaks, part.asset, original.peaks, common)
        else:
            cut_out = lags.are_short(part.asset, common, (_length(fake), _length(original)))
        if cut_out:
            return ("original_close",)
    return ()


def _claims(fake: Candidate, part: Stretch, others: _Others) -> tuple[str, ...]:
    """Return a doubt if an original may be what is heard.

    A trusted one that is alike by its length only may be the same recording, heard by another device. One
    that is less trusted than the fake has to be as near, if its claim has weight (`_has_weight`), else
    clearly nearer: an unreviewed stranger must not be able to suppress a fake.
    """

    def heard(original: Candidate, most: float) -> bool:
        return any(
            stretch.bit_error <= most and _covers(stretch, part)
            for stretch in others.sounds.get(original.asset_id, ())
        )

    for original in others.claimed:
        margin = CLEARER if _has_weight(original, fake) else -CLEARER
        if heard(original, part.bit_error + margin):
            return ("original_claimed",)
    for original in others.trusted:
        if any(
            _unsure(stretch) and _covers(stretch, part)
            for stretch in others.sounds.get(original.asset_id, ())
        ):
            return ("original_close",)
    return ()


def _has_weight(original: Candidate, fake: Candidate) -> bool:
    """Tell whether a less trusted original is more than a stranger's claim."""
    return original.own or original.entry_id == fake.entry_id or rank(original.tier) >= rank("reviewed")


def _covers(stretch: Stretch, part: Stretch) -> bool:
    start, end = _common(stretch, part.query)
    return end - start >= EXPLAINED * part.seconds


def _heard_in(
    query: Query, candidates: Iterable[Candidate], sounds: SoundStretches, *, most: float
) -> list[tuple[float, float]]:
    """Return the seconds of the query that sound like one of the candidates. `most`: bit error up to which an
    unsure stretch counts."""
    return [
        seconds
        for candidate in candidates
        for stretch in sounds.get(candidate.asset_id, ())
        if stretch.sure or stretch.bit_error <= most
        for seconds in audio.agreeing(query.audio, candidate.audio, stretch)
    ]
