"""From matches to the answer: the rules of DESIGN section 1, each in one place.

A verdict is decided for each stretch of the query; the answer's is the gravest. Doubt goes to a person:
`related` with a reason, never `known_fake`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from registry.domain import match as matching
from registry.domain.entry import Candidate, Query, rank
from registry.domain.match import Match, Relation

Verdict = Literal["known_fake", "related", "authentic_original", "no_match", "undecidable"]

GRAVITY: Final[tuple[Verdict, ...]] = ("no_match", "authentic_original", "related", "known_fake")
"""Rule 1: the gravest verdict of any span is the answer's."""

CLEAR: Final = 0.7
"""Log-odds from which the nearer of a fake and its original is chosen."""
FACE_ODDS: Final = 2.2
"""Log-odds (.9) that faces exactly at the threshold are the same."""
OVERLAP: Final = 0.5
"""Share of the shorter stretch from which two spans of the query speak of the same seconds."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """What one span of one asset means."""

    match: Match
    verdict: Verdict
    relation: Relation | None
    reasons: tuple[str, ...]
    confidence: float


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer, without ids: rulings are grouped to one match an asset and relation, gravest first."""

    verdict: Verdict
    reasons: tuple[str, ...]
    mixed: bool
    confidence: float | None
    groups: tuple[tuple[Ruling, ...], ...]


def decide(query: Query, candidates: Iterable[Candidate], *, undecidable: str | None = None) -> Decision:
    """The answer for `query` among `candidates`. `undecidable`: why the query cannot be compared, if so
    (an exact file is recognised all the same)."""
    found = [match for candidate in candidates for match in matching.find(query, candidate)]
    rulings = [_rule(match, found) for match in found]
    if not rulings:
        verdict: Verdict = "undecidable" if undecidable else "no_match"
        return Decision(verdict, (undecidable,) if undecidable else (), False, None, ())
    worst = max(rulings, key=_order)
    fake = [one for one in rulings if one.relation == "copy" and one.verdict in {"known_fake", "related"}]
    genuine = [one for one in rulings if one.verdict == "authentic_original"]
    mixed = any(not _overlap(one.match, other.match) for one in fake for other in genuine)
    shown = [one for one in rulings if not _overshadowed(one, rulings)]
    return Decision(
        verdict=worst.verdict,
        reasons=_reasons(one for one in shown if one.verdict == worst.verdict),
        mixed=mixed,
        confidence=worst.confidence,
        groups=_groups(shown),
    )


def _rule(match: Match, found: Sequence[Match]) -> Ruling:
    rivals = [other for other in found if _rival(match, other)]
    if match.candidate.role == "original":
        return _original_ruling(match, rivals)
    return _fake_ruling(match, rivals)


def _rival(match: Match, other: Match) -> bool:
    return other.candidate.role != match.candidate.role and _overlap(match, other)


def _fake_ruling(match: Match, originals: Sequence[Match]) -> Ruling:
    """A span that shows a registered fake's footage, weighed against any original of the same footage."""
    closest = min(originals, key=lambda other: matching.nearer(match, other), default=None)
    odds = matching.nearer(match, closest) if closest else None
    if closest is not None and odds is not None and odds < CLEAR:
        if match.exact and closest.exact:
            return _related(match, "copy", "role_conflict")
        if odds > -CLEAR:
            return _related(match, None, "original_close")
        if not _outranks(closest.candidate, match.candidate):
            return _related(match, None, "original_claimed")
        return Ruling(match, "no_match", "original", ("original_nearer",), _chance(match, -odds))
    return _by_faces(match, weighed=odds is not None) or _of_fake(match, odds)


def _by_faces(match: Match, *, weighed: bool) -> Ruling | None:
    """Rule 4: what the faces forbid; None where they agree, are not needed, or the file is the very same.

    Faces that could be either are no obstacle where an original was `weighed` and found farther.
    """
    if match.exact or not match.candidate.needs_faces or match.judgement == "same":
        return None
    if match.judgement == "other":
        return _related(match, "same_footage_other_face", "other_face")
    if match.judgement == "none":
        return _related(match, None, "no_face")
    return None if weighed else _related(match, None, "face_undecided")


def _original_ruling(match: Match, fakes: Sequence[Match]) -> Ruling:
    """A span that shows an original's footage; where a fake of it is nearer, the fake's ruling speaks."""
    if match.exact and any(fake.exact for fake in fakes):
        return _related(match, "original", "role_conflict")
    nearest = max((matching.nearer(fake, match) for fake in fakes), default=None)
    if nearest is not None and nearest > -CLEAR:
        return Ruling(match, "no_match", "original", ("fake_nearer",), 0.5)
    if match.judgement == "other" and not match.exact:
        return _related(match, "same_footage_other_face", "other_face")
    if any(not _outranks(match.candidate, fake.candidate) for fake in fakes):
        return _related(match, "original", "original_claimed")
    return _of_original(match)


def _of_fake(match: Match, odds: float | None) -> Ruling:
    """Rules 2 and 5, and weakness: what keeps a copy from being called a known fake."""
    reasons: list[str] = []
    candidate = match.candidate
    if candidate.tier == "unreviewed" and not (candidate.own or candidate.policy.strangers_see_unreviewed):
        reasons.append("unreviewed")
    if match.single and not candidate.policy.stills:
        reasons.append("single_frame")
    if not match.strong:
        reasons.append("weak")
    verdict: Verdict = "related" if reasons else "known_fake"
    return Ruling(match, verdict, "copy", tuple(reasons), _chance(match, odds))


def _of_original(match: Match) -> Ruling:
    """Rule 3: a stranger's unreviewed original proves nothing; a still or a weak likeness neither."""
    reasons: list[str] = []
    candidate = match.candidate
    if candidate.original_tier == "unreviewed" and not candidate.own:
        reasons.append("original_claimed")
    if match.single and not candidate.policy.stills:
        reasons.append("single_frame")
    if not match.strong:
        reasons.append("weak")
    verdict: Verdict = "related" if reasons else "authentic_original"
    return Ruling(match, verdict, "original", tuple(reasons), _chance(match, None))


def _related(match: Match, relation: Relation | None, reason: str) -> Ruling:
    reasons = (reason, "single_frame") if match.single else (reason,)
    return Ruling(match, "related", relation, reasons, matching.footage_confidence(match))


def _outranks(original: Candidate, fake: Candidate) -> bool:
    """Rule 3: an original counts against a fake only at an equal or higher tier, and a stranger's not at all
    while it is unreviewed."""
    if original.original_tier == "unreviewed" and not original.own:
        return False
    return rank(original.original_tier) >= rank(fake.tier)


def _chance(match: Match, odds: float | None) -> float:
    """The footage's probability, less what the faces leave open."""
    sure = matching.footage_confidence(match)
    if match.exact or not match.candidate.needs_faces or match.faces.cosine is None:
        return sure
    apart = match.faces.cosine - matching.face_bar(match.faces.pixels)
    margin = odds if odds is not None else FACE_ODDS + 12.0 * apart
    return sure * min(0.99, 1 / (1 + math.exp(-margin)))


def _overlap(one: Match, other: Match) -> bool:
    """Whether two spans speak of the same seconds of the query. Stills always do."""
    (start, end), (begin, stop) = one.aligned.span.query, other.aligned.span.query
    shorter = min(end - start, stop - begin)
    common = min(end, stop) - max(start, begin)
    return common >= OVERLAP * shorter if shorter > 0 else common >= 0


def _overshadowed(ruling: Ruling, rulings: Sequence[Ruling]) -> bool:
    """A span whose rival is nearer is not shown, unless nothing else is."""
    return ruling.verdict == "no_match" and any(one.verdict != "no_match" for one in rulings)


def _groups(rulings: Iterable[Ruling]) -> tuple[tuple[Ruling, ...], ...]:
    grouped: dict[tuple[object, ...], list[Ruling]] = {}
    for one in rulings:
        candidate = one.match.candidate
        key = (candidate.entry_id, candidate.asset_id, candidate.role, one.relation)
        grouped.setdefault(key, []).append(one)
    ordered = sorted(grouped.values(), key=lambda group: max(map(_order, group)), reverse=True)
    return tuple(tuple(sorted(group, key=_order, reverse=True)) for group in ordered)


def _order(ruling: Ruling) -> tuple[int, float, int]:
    gravity = GRAVITY.index(ruling.verdict)
    return (gravity, ruling.confidence, ruling.match.aligned.frames)


def _reasons(rulings: Iterable[Ruling]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(reason for one in rulings for reason in one.reasons))
