"""Which spans count: an original that is proved takes its seconds from short spans that prove nothing."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.catalogue.entries.model.entry import Candidate, Manipulation, Policy
from registry.catalogue.entries.model.verdict import GRAVITY, Verdict
from registry.matching.alignment.model.align import Aligned, Frames, Span
from registry.matching.alignment.model.faces import NO_FACES, FaceEvidence
from registry.matching.alignment.model.temporal_voting import Line
from registry.matching.decision.model import decision
from registry.matching.decision.model.match import Match
from registry.matching.decision.model.rulings import SURE, UNPROVED, Ruling, remaining
from tests.support.matching.decisions import FAKE, ORIGINAL, candidate, query_of
from tests.support.media import drawn

STEP = 0.5
QUERY = query_of(FAKE)
A_FAKE = candidate(FAKE, manipulation="face_swap")
AN_ORIGINAL = candidate(ORIGINAL, "original", manipulation="face_swap")
CLEAR = FaceEvidence(2, 0.95, 120.0)
FAINT = FaceEvidence(1, 0.6, 60.0)

Seconds = tuple[float, float]


def span(
    seconds: Seconds,
    verdict: Verdict,
    *reasons: str,
    of: Candidate = A_FAKE,
    faces: FaceEvidence = NO_FACES,
    whole: Seconds | None = None,
) -> Ruling:
    """A ruling on a span of the query."""
    found = match(seconds, of, faces)
    relation = {"known_fake": "copy", "authentic_original": "original"}.get(verdict)
    within = match(whole, of, faces) if whole else found
    return Ruling(found, verdict, relation, reasons, 0.95, whole=within)  # type: ignore[arg-type]  # literals


def match(seconds: Seconds, of: Candidate, faces: FaceEvidence) -> Match:
    start, end = seconds
    times = np.arange(start, end, STEP)
    ones = np.ones(len(times))
    areas = np.tile([0.0, 0.0, 1.0, 1.0], (len(times), 1))
    frames = Frames(times, times + STEP, times, times + STEP, ones, 0 * ones, ones, areas)
    aligned = Aligned(Span(seconds, seconds, 1.0, False), frames, Line(1.0, 0.0), len(times), (60, 60), STEP)
    return Match(of, aligned, faces, "same" if faces.compared else "none", False, False, QUERY)


def verdicts(rulings: list[Ruling]) -> set[Verdict]:
    return {ruling.verdict for ruling in rulings}


GENUINE = span((0, 20), "authentic_original", of=AN_ORIGINAL)
doubts = st.lists(st.sampled_from(sorted(UNPROVED)), min_size=1, max_size=2).map(tuple)
stretches = st.tuples(st.integers(0, 18), st.integers(1, 40)).map(
    lambda drawn: (float(drawn[0]), min(20.0, drawn[0] + drawn[1] / 2))
)


@st.composite
def rulings(draw: st.DrawFn) -> Ruling:
    verdict: Verdict = draw(st.sampled_from(GRAVITY))
    of = AN_ORIGINAL if verdict == "authentic_original" else draw(st.sampled_from([A_FAKE, AN_ORIGINAL]))
    of = A_FAKE if verdict == "known_fake" else of
    reasons = draw(doubts) if verdict == "related" else ()
    faces = draw(st.sampled_from([NO_FACES, FAINT, CLEAR]))
    return span(draw(stretches), verdict, *reasons, of=of, faces=faces)


@given(stretches, doubts)
def test_a_weaker_match_never_changes_a_stretch_that_a_stronger_one_explains(
    seconds: Seconds, reasons: tuple[str, ...]
) -> None:
    short = span(seconds, "related", *reasons)
    left = remaining([GENUINE, short])
    assert GENUINE in left
    assert (short in left) == (2 * (seconds[1] - seconds[0]) >= 20)


@given(st.lists(rulings(), max_size=6), stretches)
def test_more_evidence_for_the_original_never_raises_the_fake(found: list[Ruling], seconds: Seconds) -> None:
    def gravest(some: list[Ruling]) -> int:
        fakes = [ruling.verdict for ruling in remaining(some) if ruling.match.candidate.role == "fake"]
        return max(map(GRAVITY.index, fakes), default=-1)

    proof = span(seconds, "authentic_original", of=AN_ORIGINAL)
    assert gravest([*found, proof]) <= gravest(found)


@given(st.permutations(range(6)), st.lists(rulings(), min_size=6, max_size=6))
def test_the_order_of_spans_does_not_matter(order: list[int], found: list[Ruling]) -> None:
    def kept(some: list[Ruling]) -> list[tuple[object, ...]]:
        return sorted((ruling.verdict, ruling.match.aligned.span.query) for ruling in remaining(some))

    assert kept([found[at] for at in order]) == kept(found)


@given(stretches)
def test_a_fake_that_is_shown_for_a_second_is_told_if_its_face_is(seconds: Seconds) -> None:
    """A genuine recording must not hide what was put into it."""
    inserted = span(seconds, "known_fake", faces=CLEAR)
    assert inserted in remaining([GENUINE, inserted])


@pytest.mark.parametrize("faces", [NO_FACES, FAINT])
def test_a_few_moments_do_not_accuse_a_clip_that_is_proved_genuine(faces: FaceEvidence) -> None:
    accused = span((0, 0.75), "known_fake", faces=faces)
    assert remaining([GENUINE, accused]) == [GENUINE]
    assert verdicts(remaining([accused])) == {"known_fake"}


def test_what_is_left_of_a_fake_goes_with_the_rest_of_it() -> None:
    """The query was proved to be the original in most of a fake's moments; the others tell nothing."""
    refuted = span((1, 9), "no_match", whole=(0, 9))
    rest = span((0, 1), "related", "original_close", whole=(0, 9))
    assert remaining([refuted, rest]) == []


@pytest.mark.parametrize("reason", ["original_claimed", "role_conflict", "unreviewed", "known_harmless"])
def test_doubts_about_who_may_be_believed_stay(reason: str) -> None:
    claimed = span((3, 4), "related", reason)
    assert claimed in remaining([GENUINE, claimed])


def test_an_original_does_not_explain_a_fake_of_a_higher_tier() -> None:
    ordered = replace(A_FAKE, tier="court_order", entry_id=UUID(int=2))
    short = span((3, 4), "related", "original_close", of=ordered)
    assert short in remaining([GENUINE, short])
    assert short in remaining([span((0, 20), "no_match"), short])


def test_an_original_is_shown_in_the_seconds_that_a_short_span_took() -> None:
    cut = span((1, 20), "authentic_original", of=AN_ORIGINAL, whole=(0, 20))
    (left,) = remaining([cut, span((0, 1), "related", "original_close")])
    assert left.match.aligned.span.query == (0, 20)


@settings(max_examples=40, deadline=None)
@given(
    noise=st.floats(0.05, 1.2),
    face=st.sampled_from(["victim", "actress", "somebody", None]),
    manipulation=st.sampled_from(["face_swap", "lip_sync", "edited", None]),
    least=st.floats(0.5, 0.97),
    both=st.booleans(),
)
def test_nothing_decides_that_is_less_certain_than_the_policy_demands(
    noise: float, face: str | None, manipulation: Manipulation | None, least: float, both: bool
) -> None:
    rules = Policy(min_confidence=least, min_related=0.0)
    media = [candidate(FAKE, manipulation=manipulation, rules=rules)]
    media += [candidate(ORIGINAL, "original", manipulation=manipulation, rules=rules)] if both else []
    decided = decision.decide(query_of(drawn.clip("body", face=face, noise=noise, file="query")), media)
    for ruling in (ruling for group in decided.groups for ruling in group):
        assert ruling.verdict not in SURE or ruling.confidence >= least
    assert decided.verdict not in SURE or (decided.confidence or 0) >= least
