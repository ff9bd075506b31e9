"""Keyframes settle what all of the video would answer alike, and nothing else."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid5

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.catalogue.entries.model.entry import KEYFRAMES, Candidate, Manipulation, Policy, Query, Tier
from registry.catalogue.fingerprints.model import timeline
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint, Sampling
from registry.catalogue.media.model import Role
from registry.matching.decision.model import decision, keyframe_answers
from registry.matching.decision.model.decision import Decision
from registry.matching.decision.model.keyframe_answers import Unsettled
from tests.support.matching.keyframes import SECONDS, keyframes
from tests.support.media import drawn

SPACE = UUID(int=7)


def body(
    seed: str = "body", face: str | None = "swapped", noise: float = 0.0, start: float = 0.0
) -> Fingerprint:
    return drawn.clip(seed, seconds=SECONDS, start=start, face=face, noise=noise)


def candidate(
    fingerprint: Fingerprint,
    *,
    role: Role = "fake",
    entry: str = "entry",
    manipulation: Manipulation | None = None,
    own: bool = True,
    tier: Tier = "reviewed",
) -> Candidate:
    frames, faces = timeline.of_fingerprint(fingerprint)
    return Candidate(
        asset_id=uuid5(SPACE, fingerprint.media.sha256),
        entry_id=uuid5(SPACE, entry),
        role=role,
        sha256=fingerprint.media.sha256,
        kind=fingerprint.media.kind,
        duration=fingerprint.media.duration,
        title=entry,
        bank="default",
        tier=tier,
        original_tier="reviewed",
        manipulation=manipulation,
        own=own,
        policy=Policy(),
        references=(),
        frames=frames,
        faces=faces,
    )


def decided(asked: Fingerprint, candidates: Sequence[Candidate]) -> tuple[Query, Decision]:
    query = Query.of(asked, *timeline.of_fingerprint(asked))
    return query, decision.decide(query, candidates)


def wanted(asked: Fingerprint, *candidates: Candidate) -> str:
    return keyframe_answers.needed(*decided(asked, candidates))


def test_a_copy_of_the_whole_is_settled() -> None:
    copy = body(noise=0.1)
    query, found = decided(keyframes(copy), [candidate(body())])
    assert keyframe_answers.needed(query, found) == "nothing"
    (span,) = [group.match.aligned.span for group in found.groups[0]]
    assert span.query == pytest.approx((0.0, SECONDS), abs=0.5)
    assert span.asset == pytest.approx((0.0, SECONDS), abs=0.5)


def test_an_excerpt_that_stands_out_is_settled_at_its_place() -> None:
    longer = drawn.joined(
        drawn.clip("before", seconds=20, face="swapped"), body(), drawn.clip("after", seconds=9)
    )
    query, found = decided(keyframes(body(noise=0.1)), [candidate(longer)])
    assert keyframe_answers.needed(query, found) == "nothing"
    assert found.groups[0][0].match.aligned.span.asset == pytest.approx((20.0, 20.0 + SECONDS), abs=0.5)


def test_footage_that_fits_anywhere_is_looked_at_whole() -> None:
    """An excerpt of a clip that repeats itself every four seconds."""
    loop = drawn.joined(*[drawn.clip("turn", seconds=4, face="swapped")] * 20)
    part = drawn.joined(*[drawn.clip("turn", seconds=4, face="swapped", noise=0.05)] * 12)
    assert wanted(keyframes(part, every=11), candidate(loop)) != "nothing"


def test_pictures_alone_ask_for_faces_and_the_end() -> None:
    glance = keyframes(body(noise=0.1), tail=False, faces=False)
    assert wanted(glance, candidate(body())) == "keyframes"
    assert wanted(glance, candidate(body(), manipulation="edited")) == "keyframes", "the end was not seen"
    without = keyframes(body(noise=0.1), faces=False)
    assert wanted(without, candidate(body())) == "keyframes"
    assert wanted(without, candidate(body(), manipulation="edited")) == "nothing"


def test_only_the_gravest_verdict_settles_early() -> None:
    documents = keyframes(body(noise=0.1))
    assert wanted(documents) == "full"
    assert wanted(documents, candidate(body("other"))) == "full"
    assert wanted(documents, candidate(body(face="genuine"))) != "nothing", (
        "the same footage with another face"
    )
    original = candidate(body(face="genuine"), role="original")
    genuine = keyframes(body(face="genuine", noise=0.1))
    assert wanted(genuine, candidate(body()), original) != "nothing", "an original"
    assert wanted(documents, candidate(body(), own=False, tier="unreviewed")) != "nothing", (
        "a stranger's entry"
    )


def test_an_original_that_is_clearly_farther_is_no_obstacle() -> None:
    documents = keyframes(body(noise=0.1))
    original = candidate(drawn.clip("body", seconds=SECONDS, face="genuine", noise=0.4), role="original")
    assert wanted(documents, candidate(body()), original) == "nothing"


def test_an_original_that_is_about_as_near_is_one() -> None:
    documents = keyframes(body(noise=0.3))
    # Another file of the same pictures and face, claimed to be genuine.
    twin = candidate(drawn.clip("body", seconds=SECONDS, face="swapped", file="twin"), role="original")
    assert wanted(documents, candidate(body()), twin) != "nothing"


@pytest.mark.slow(10)
@settings(max_examples=25, deadline=None)
@given(shown=st.integers(2, 44), every=st.integers(4, 18), seed=st.text("ab", max_size=2))
def test_a_debunk_is_never_settled(shown: int, every: int, seed: str) -> None:
    """The fake for a while, then the footage it was made from, or anything else."""
    fake = drawn.clip("body", seconds=shown, face="swapped", noise=0.05)
    rest = SECONDS - shown
    genuine = drawn.clip("body", seconds=rest, start=shown, face="genuine", noise=0.05)
    other = drawn.clip(f"studio {seed}", seconds=rest)
    original = candidate(body(face="genuine"), role="original")
    for query in (drawn.joined(fake, genuine), drawn.joined(fake, other), drawn.joined(other, fake)):
        for known in ([candidate(body())], [candidate(body()), original]):
            assert wanted(keyframes(query, every=every), *known) != "nothing"


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(
    every=st.integers(2, 24),
    noise=st.floats(0, 0.4),
    start=st.integers(0, 10),
    length=st.integers(8, 48),
    original=st.booleans(),
)
def test_a_settled_answer_equals_that_of_the_whole_file(
    every: int, noise: float, start: int, length: int, original: bool
) -> None:
    asset = drawn.clip("body", seconds=60, face="swapped")
    known = [candidate(asset), candidate(drawn.clip("elsewhere", seconds=60, face="x"), entry="another")]
    if original:
        known.append(candidate(drawn.clip("body", seconds=60, face="genuine", noise=0.3), role="original"))
    copy = drawn.clip("body", seconds=length, start=start, face="swapped", noise=noise)
    query, quick = decided(keyframes(copy, every=every), known)
    if keyframe_answers.needed(query, quick) != "nothing":
        return
    _, whole = decided(copy, known)
    one, other = quick.groups[0][0], whole.groups[0][0]
    assert (quick.verdict, quick.mixed) == (whole.verdict, whole.mixed)
    assert one.match.candidate.entry_id == other.match.candidate.entry_id
    assert one.relation == other.relation
    for left, right in ((one.match.aligned.span, other.match.aligned.span),):
        assert left.query == pytest.approx(right.query, abs=0.5)
        assert left.asset == pytest.approx(right.asset, abs=0.5)


def test_the_very_same_file_needs_no_picture() -> None:
    fake = body()
    digest = replace(fake, algorithms=(), frames=(), faces=(), notes=(KEYFRAMES,))
    query, found = decided(digest, [candidate(fake)])
    assert keyframe_answers.needed(query, found, seen=False) == "nothing"
    query, nothing = decided(digest, [])
    assert keyframe_answers.needed(query, nothing, seen=False) == "keyframes"
    query, conflict = decided(digest, [candidate(fake), candidate(fake, role="original")])
    assert keyframe_answers.needed(query, conflict, seen=False) == "keyframes"


def test_a_sound_fake_is_read_whole() -> None:
    assert wanted(keyframes(body(noise=0.1)), candidate(body(), manipulation="audio")) == "keyframes"


@pytest.mark.parametrize(
    ("times", "end", "enough"),
    [
        ((0.0, 8.3, 16.7, 25.0, 30.0), 30.0, True),
        ((0.0, 10.4, 20.8, 30.0), 30.0, True),
        ((0.0, 8.3, 30.0), 30.0, False),
        ((0.0, 8.3, 16.7, 30.0), 30.0, False),
        ((0.0, 8.3, 16.7, 25.0), 30.0, False),
        ((1.0, 8.3, 16.7, 25.0, 30.0), 30.0, False),
        ((), 30.0, False),
    ],
)
def test_moments_must_lie_all_over_the_clip(times: tuple[float, ...], end: float, enough: bool) -> None:
    assert keyframe_answers.spread(times, end) is enough


@pytest.mark.parametrize(
    ("answers", "asked"),
    [
        ({}, ["digest"]),
        ({"digest": "keyframes"}, ["digest", "glance"]),
        ({"digest": "keyframes", "glance": "full"}, ["digest", "glance", "full"]),
        ({"digest": "keyframes", "glance": "keyframes"}, ["digest", "glance", "keyframes"]),
        (
            {"digest": "keyframes", "glance": "keyframes", "keyframes": "keyframes"},
            ["digest", "glance", "keyframes", "full"],
        ),
    ],
)
def test_no_more_is_looked_at_than_it_takes(answers: dict[str, Any], asked: list[str]) -> None:
    seen: list[str] = []
    values: list[Fingerprint | None] = []

    def make(sampling: Sampling, before: Fingerprint | None) -> Fingerprint:
        seen.append(sampling)
        values.append(before)
        return replace(drawn.clip("x"), notes=(sampling,))

    def ask(fingerprint: Fingerprint) -> str | Unsettled:
        (sampling,) = fingerprint.notes
        if sampling in answers:
            return Unsettled(answers[sampling])
        return sampling

    assert keyframe_answers.in_steps(make, ask) == asked[-1]
    assert seen == asked
    assert [before.notes[0] if before else None for before in values] == [
        None,
        *(step if following != "full" else None for step, following in itertools.pairwise(asked)),
    ]
