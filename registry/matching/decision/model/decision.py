"""Decide the answer from the matches.

A verdict is decided for each stretch of the query, and the answer's verdict is the gravest. In doubt a person
decides: the verdict is `related` with a reason, never `known_fake`. Decision records 0005 to 0007 and 0012
give the reasons for these rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from registry.catalogue.entries.model.entry import Candidate, Query
from registry.catalogue.entries.model.verdict import GRAVITY, Verdict
from registry.matching.decision.model import (
    allowlist,
    bank_rules,
    competing,
    confidence,
    parts,
    scene_consistency,
    soundtrack,
    whole_files,
)
from registry.matching.decision.model import match as matching
from registry.matching.decision.model.competing import overlap
from registry.matching.decision.model.evidence import face_bar, same_odds
from registry.matching.decision.model.fake_or_original import (
    Competitor,
    Context,
    Label,
    competitors_of,
    label_of,
    shows,
)
from registry.matching.decision.model.match import Match, Relation
from registry.matching.decision.model.rulings import SURE, Ruling, remaining
from registry.matching.decision.model.soundtrack import SoundStretches

REASONS: Final = frozenset(
    {
        *("unreviewed", "below_tier", "single_frame", "weak", "low_information", "role_conflict"),
        *("other_face", "no_face", "face_undecided", "same_scene", "original_close", "original_claimed"),
        *("audio_only", "other_sound", "no_original", "same_person", "known_harmless", bank_rules.WHOLE_FILE),
    }
)
"""Every reason that an answer can give. The codes are part of the API."""

HEARD: Final = 0.6
"""Share of a span that must sound alike for its sound to be in step with the pictures."""
IN_STEP: Final = 8.0
"""Log-odds of sound in step: no other moments were found to sound alike."""
SWAPPED: Final = 4.5
"""Log-odds that the face of a face swap shows its moments, whatever moves: only the swap shows it at all."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer, without ids. Rulings are grouped to one match per asset and relation, the gravest first."""

    verdict: Verdict
    reasons: tuple[str, ...]
    mixed: bool
    confidence: float | None
    groups: tuple[tuple[Ruling, ...], ...]


def decide(query: Query, candidates: Iterable[Candidate], *, undecidable: str | None = None) -> Decision:
    """Decide the answer for `query` among `candidates`. `undecidable`: the reason why the query cannot be
    compared, if so. An exact file is recognised all the same."""
    alignments: matching.Alignments = {}
    proposed = list(candidates)
    candidates = [candidate for candidate in proposed if not candidate.allowlisted]
    matches = [match for candidate in candidates for match in matching.find(query, candidate, alignments)]
    matches = competing.add_missing(query, candidates, matches)
    matches = parts.split(query, matching.against(matches, candidates, alignments))
    allowlisted = allowlist.find_matches(query, proposed, matches)
    sounds = soundtrack.align_sounds(query, proposed)
    context = Context(matches, allowlisted, candidates, sounds)
    rulings = [ruling for match in matches for ruling in _rule_unless_allowlisted(match, context)]
    shown = remaining([ruling for ruling in rulings if ruling.match.shown])
    shown = [replace(ruling, sound=soundtrack.along(ruling.match, sounds)) for ruling in shown]
    heard = _rule_heard(query, proposed, sounds, shown)
    shown = heard + [kept for ruling in shown for kept in _by_pictures(ruling, heard)]
    shown += _rule_sounds(
        query, candidates, sounds, [match for match in matches if match.shown], shown, allowlisted
    )
    shown += _rule_whole_files(query, proposed, shown)
    if not shown:
        return _without_matches(undecidable, allowlisted)
    worst = max(shown, key=_order)
    fake = [ruling for ruling in shown if ruling.relation == "copy" or ruling.extent]
    genuine = [ruling for ruling in shown if ruling.relation == "original"]
    mixed = any(
        not overlap(copy.extent or copy.match, original.match) for copy in fake for original in genuine
    )
    return Decision(
        verdict=worst.verdict,
        reasons=_reasons(ruling for ruling in shown if ruling.verdict == worst.verdict),
        mixed=mixed,
        confidence=worst.confidence,
        groups=_groups(shown),
    )


def _without_matches(undecidable: str | None, allowlisted: Sequence[Match]) -> Decision:
    """Return the answer without matches. A query known to be harmless is not undecidable."""
    if allowlisted:
        return Decision("no_match", (allowlist.REASON,), False, None, ())
    verdict: Verdict = "undecidable" if undecidable else "no_match"
    return Decision(verdict, (undecidable,) if undecidable else (), False, None, ())


def _rule_unless_allowlisted(match: Match, context: Context) -> list[Ruling]:
    """Rule on a match, except where a medium of a negative bank shows at least as well. There the match is
    dropped, or doubted if the entry is more trusted. A court's entry is never dropped."""
    if match.candidate.tier == "court_order":
        return _rule(match, context)
    rulings = []
    for part, canceller in allowlist.parts(match, context.allowlisted):
        for ruling in _rule(part, context):
            if canceller is None or ruling.verdict not in allowlist.CANCELLED[match.candidate.role]:
                rulings.append(ruling)
            elif not allowlist.outranks(canceller, match.candidate):
                rulings.append(
                    replace(ruling, verdict="related", reasons=(allowlist.REASON, *ruling.reasons))
                )
    return rulings


def _rule(match: Match, context: Context) -> list[Ruling]:
    """Rule on a match moment by moment. A competing match counts only for the seconds that it shows too."""
    moments = len(match.aligned.frames)
    labels = np.zeros(moments, dtype=np.int64)
    meanings: list[Label] = ["mine"]
    farther: list[Competitor] = []
    for competitor in competitors_of(match, context):
        label = label_of(match, competitor)
        if label != "mine":
            meanings.append(label)
            labels[(labels == 0) & competitor.shared] = len(meanings) - 1
            labels = labels if moments else np.array([1])
        elif competitor.shared.any() or not moments:
            farther.append(competitor)
    rulings = []
    for number in np.unique(labels) if len(labels) else [0]:
        for part in match.part(labels == number):
            ruling = _ruling(part, meanings[number], [] if number else farther, context)
            rulings.append(_read(replace(ruling, whole=match)))
    return rulings


def _ruling(match: Match, label: Label, farther: Sequence[Competitor], context: Context) -> Ruling:
    """Rule on a part of a match, whatever its bank says. `farther`: matches of the other role that were
    compared with it and do not count."""
    fake = match.candidate.role == "fake"
    doubts: dict[Label, tuple[Relation | None, str]] = {
        "other": ("same_footage_other_face", "other_face"),
        "conflict": ("copy" if fake else "original", "role_conflict"),
        "close": (None, "original_close"),
        "claimed": (None if fake else "original", "original_claimed"),
    }
    if label == "hidden":
        return Ruling(match, "no_match", None, (), 0.5)
    if label in doubts:
        return _related(match, *doubts[label])
    if match.single and not match.still:
        match = replace(match, moving=match.motion().same)
    located = next((competitor for competitor in farther if competitor.differs(match)), None)
    match = replace(match, located=located is not None and shows(match, located))
    ruling = _rule_by_faces(match, weighed=bool(farther)) or Ruling(
        match,
        "known_fake" if fake else "authentic_original",
        "copy" if fake else "original",
        (),
        _confidence(match, farther),
    )
    nearest = min(_odds(match, farther), default=None)
    difference = located.difference if located else None
    ruling = replace(ruling, competitor=nearest, difference=difference)
    return _doubt_other_moments(ruling, context.sounds)


def _read(ruling: Ruling) -> Ruling:
    """Read the evidence as the policy of its bank says: nothing less certain than it demands decides.

    Nor does a picture of which nobody knows how much it shows: all black openings are alike.
    """
    if ruling.verdict not in SURE:
        return ruling
    match = ruling.match
    reasons = ruling.reasons + bank_rules.doubts(match.weigh(ruling.confidence), match.candidate.policy)
    reasons += () if match.measured else ("low_information",)
    return replace(ruling, verdict="related", reasons=reasons) if reasons else ruling


def _rule_by_faces(match: Match, *, weighed: bool) -> Ruling | None:
    """Return the doubt that the faces require. None if they agree, are not needed, or the file is identical,
    or if the picture shows where fake and original differ. Undecided faces are no obstacle if a match of the
    other role was `weighed` and found farther."""
    original = match.candidate.role == "original"
    if match.exact or match.located or not (original or match.candidate.needs_faces):
        return None
    if match.judgement == "other":
        return _related(match, "same_footage_other_face", "other_face")
    if original or match.judgement == "same":
        return None
    if match.judgement == "none":
        return _related(match, None, "no_face")
    return None if weighed else _related(match, None, "face_undecided")


def _doubt_other_moments(ruling: Ruling, sounds: SoundStretches) -> Ruling:
    """Doubt a copy that shows the fake's scene but not its moments: a press conference goes on before and
    after the faked seconds.

    Log-odds of pictures, faces, sound and manipulation are added. A swapped person has the same face at other
    moments of the face swap only, so it takes clear evidence to doubt one, and none does where the face was
    compared with the original's.
    """
    match, candidate = ruling.match, ruling.match.candidate
    swapped = candidate.manipulation == "face_swap"
    undoubted = match.exact or match.still or match.located or (swapped and ruling.competitor is not None)
    if ruling.relation != "copy" or undoubted or (match.single and not candidate.policy.single_frame):
        return ruling  # a single picture is a doubt of its own
    prior = SWAPPED * swapped + IN_STEP * _in_step(match, sounds)
    odds = match.motion(prior).odds + prior
    if odds < scene_consistency.SURE:
        return replace(ruling, relation=None, reasons=("same_scene",), confidence=match.footage, moments=odds)
    chance = 1.0 if swapped else confidence.MOMENTS.probability(odds)
    return replace(ruling, confidence=ruling.confidence * chance, moments=odds)


def _in_step(match: Match, sounds: SoundStretches) -> bool:
    """Tell whether most of a span sounds as the asset does in the same seconds."""
    sound = soundtrack.along(match, sounds)
    start, end = match.aligned.span.query
    return sound is not None and sound.seconds >= HEARD * (end - start)


def _related(match: Match, relation: Relation | None, reason: str) -> Ruling:
    reasons = (reason, "single_frame") if match.single else (reason,)
    return Ruling(match, "related", relation, reasons, match.footage)


def _rule_sounds(
    query: Query,
    candidates: Sequence[Candidate],
    sounds: SoundStretches,
    matches: Sequence[Match],
    shown: Sequence[Ruling],
    allowlisted: Sequence[Match],
) -> list[Ruling]:
    """Rule on fakes that are heard and not seen: a person decides, whatever the tier."""
    genuine = [ruling.match for ruling in shown if ruling.verdict == "authentic_original"]
    return [
        Ruling(
            match,
            "related",
            "audio",
            (bank_rules.AUDIO_ONLY, *_tier_doubts(match.candidate)),
            soundtrack.CONFIDENCE,
            sound=sound,
        )
        for match, sound in soundtrack.alone(
            query, candidates, sounds, matches=matches, genuine=genuine, allowlisted=allowlisted
        )
    ]


def _rule_heard(
    query: Query, proposed: Sequence[Candidate], sounds: SoundStretches, shown: Sequence[Ruling]
) -> list[Ruling]:
    """Rule on entries whose sound decides. Identical files are ruled on already."""
    exact = {ruling.match.candidate.asset_id for ruling in shown if ruling.match.exact}
    fakes = soundtrack.of_fakes(query, proposed, sounds)
    found = []
    for fake in fakes:
        candidate = fake.match.candidate
        relation: Relation = "copy" if candidate.kind == query.kind == "audio" else "audio"
        ruling = Ruling(fake.match, "known_fake", relation, fake.reasons, soundtrack.SURE, sound=fake.sound)
        found.append(_read(replace(ruling, extent=fake.extent)))
    for own in soundtrack.of_originals(query, proposed, sounds, fakes):
        ruling = Ruling(own.match, "authentic_original", "original", own.reasons, soundtrack.SURE)
        found.append(_read(replace(ruling, sound=own.sound)))
    heard = [ruling for ruling in remaining([*shown, *found]) if ruling.match.heard is not None]
    return [ruling for ruling in heard if ruling.match.candidate.asset_id not in exact]


def _by_pictures(ruling: Ruling, heard: Sequence[Ruling]) -> list[Ruling]:
    """Drop a match of pictures if the sound has ruled on its entry. Doubt it if the entry is one of sound:
    its pictures may be genuine."""
    match, candidate = ruling.match, ruling.match.candidate
    if match.exact or not candidate.is_of_sound:
        return [ruling]
    if any(other.match.candidate.entry_id == candidate.entry_id for other in heard):
        return []
    return [replace(ruling, verdict="related", relation=None, reasons=("other_sound", *ruling.reasons))]


def _rule_whole_files(query: Query, proposed: Sequence[Candidate], shown: Sequence[Ruling]) -> list[Ruling]:
    """Rule on media of which only a value of the whole file is near: a person decides, whatever the tier."""
    entries = {ruling.match.candidate.entry_id for ruling in shown}
    return [
        Ruling(
            match,
            "related",
            None,
            (bank_rules.WHOLE_FILE, *_tier_doubts(match.candidate)),
            whole_files.CONFIDENCE,
        )
        for match in whole_files.alone(query, proposed)
        if match.candidate.entry_id not in entries
    ]


def _tier_doubts(candidate: Candidate) -> tuple[str, ...]:
    return bank_rules.tier_doubts(candidate.tier, candidate.policy, own=candidate.own)


def _confidence(match: Match, farther: Sequence[Competitor]) -> float:
    """Return the footage's probability, reduced by the uncertainty of what tells fake from original: the
    nearest of the other role that counts against it, else the faces.

    A mere claim lowers nothing. An original may have faces beside the seconds of a fake, which say the same.
    """
    candidate, faces = match.candidate, match.faces
    if match.exact or not candidate.needs_faces:
        return match.footage
    counting = _odds(match, [competitor for competitor in farther if competitor.outranks])
    sure = [confidence.nearer(min(counting))] if counting else []
    if not counting or candidate.role == "original":
        sure += map(confidence.nearer, _odds(match, farther))
        if faces.cosine is not None and candidate.manipulation == "lip_sync":
            sure.append(confidence.FACES.probability(same_odds(faces, faces.cosine, "lip_sync")))
        elif faces.cosine is not None:
            sure.append(confidence.same_face(faces.cosine - face_bar(faces.pixels, faces.quality)))
    return match.footage * max(sure, default=1.0)


def _odds(match: Match, competitors: Sequence[Competitor]) -> list[float]:
    """Return the log-odds over each competitor whose moments no other one explains and more."""
    return [
        competitor.odds_of(match)
        for competitor in competitors
        if not any(
            other.shared.sum() > competitor.shared.sum() and other.shared[competitor.shared].all()
            for other in competitors
        )
    ]


def _groups(rulings: Iterable[Ruling]) -> tuple[tuple[Ruling, ...], ...]:
    grouped: dict[tuple[object, ...], list[Ruling]] = {}
    for ruling in rulings:
        candidate = ruling.match.candidate
        key = (candidate.entry_id, candidate.asset_id, candidate.role, ruling.relation)
        grouped.setdefault(key, []).append(ruling)
    ordered = sorted(grouped.values(), key=lambda group: max(map(_order, group)), reverse=True)
    return tuple(tuple(sorted(group, key=_order, reverse=True)) for group in ordered)


def _order(ruling: Ruling) -> tuple[int, float, int]:
    gravity = GRAVITY.index(ruling.verdict)
    return (gravity, ruling.confidence, len(ruling.match.aligned.frames))


def _reasons(rulings: Iterable[Ruling]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(reason for ruling in rulings for reason in ruling.reasons))
