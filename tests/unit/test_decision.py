"""The decision: pure rules with values."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.domain import decision, match, timeline
from registry.domain.decision import GRAVITY
from registry.domain.entry import Candidate, Manipulation, Policy, Query, Tier, policy
from registry.domain.faces import FaceEvidence
from registry.domain.fingerprint import Fingerprint
from registry.domain.media import Role
from registry.errors import BadInput
from tests import drawn

ENTRY = UUID(int=1)


def candidate(
    clip: Fingerprint,
    role: Role = "fake",
    *,
    tier: Tier = "unreviewed",
    original_tier: Tier = "unreviewed",
    manipulation: Manipulation | None = None,
    own: bool = True,
    rules: Policy | None = None,
    entry_id: UUID = ENTRY,
) -> Candidate:
    frames, faces = timeline.of_fingerprint(clip)
    return Candidate(
        asset_id=uuid4(),
        entry_id=entry_id,
        role=role,
        sha256=clip.media.sha256,
        kind=clip.media.kind,
        duration=clip.media.duration,
        title="t",
        bank="b",
        tier=tier,
        original_tier=original_tier,
        manipulation=manipulation,
        own=own,
        policy=rules or Policy(),
        references=(),
        frames=frames,
        faces=faces,
    )


def asked(clip: Fingerprint) -> Query:
    return Query.of(clip, *timeline.of_fingerprint(clip))


FAKE = drawn.clip("body", face="victim")
ORIGINAL = drawn.clip("body", face="actress", noise=0.05, file="o")
COPY = asked(drawn.clip("body", face="victim", noise=0.15, file="copy"))
GENUINE = asked(drawn.clip("body", face="actress", noise=0.12, file="genuine"))


@pytest.mark.parametrize(
    ("fake_tier", "original_tier", "verdict", "reason"),
    [
        ("unreviewed", "unreviewed", "authentic_original", None),
        ("unreviewed", "reviewed", "authentic_original", None),
        ("reviewed", "unreviewed", "related", "original_claimed"),
        ("reviewed", "reviewed", "authentic_original", None),
        ("court_order", "reviewed", "related", "original_claimed"),
        ("court_order", "court_order", "authentic_original", None),
    ],
)
def test_an_original_outranks_a_fake_only_at_an_equal_or_higher_tier(
    fake_tier: Tier, original_tier: Tier, verdict: str, reason: str | None
) -> None:
    tiers = {"tier": fake_tier, "original_tier": original_tier}
    both = [candidate(FAKE, **tiers), candidate(ORIGINAL, "original", **tiers)]  # type: ignore[arg-type]  # literal keys
    decided = decision.decide(GENUINE, both)
    assert decided.verdict == verdict
    assert (reason in decided.reasons) == (reason is not None)
    assert decision.decide(COPY, both).verdict == "known_fake"


def test_a_file_registered_as_original_does_not_whitewash_a_reviewed_fake() -> None:
    copy = drawn.clip("body", face="victim", noise=0.15, file="copy")
    washed = candidate(copy, "original", entry_id=UUID(int=2))
    decided = decision.decide(asked(copy), [candidate(FAKE, tier="reviewed"), washed])
    assert decided.verdict == "related"
    assert "original_claimed" in decided.reasons


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["body", "street"]),
            st.sampled_from([None, "victim", "actress"]),
            st.sampled_from(["fake", "original"]),
            st.sampled_from(["unreviewed", "reviewed"]),
            st.booleans(),
        ),
        max_size=5,
    ),
    st.sampled_from(["victim", "actress", None]),
)
def test_laws_of_every_answer(rows: list[tuple[str, str | None, Role, Tier, bool]], face: str | None) -> None:
    made = [
        candidate(
            drawn.clip(seed, face=who, noise=0.02, file=str(index)),
            role,
            tier=tier,
            own=own,
            entry_id=UUID(int=index),
        )
        for index, (seed, who, role, tier, own) in enumerate(rows)
    ]
    query = asked(drawn.clip("body", face=face, noise=0.1, file="q"))
    decided = decision.decide(query, made)
    shown = [one for group in decided.groups for one in group]
    if shown:
        assert decided.verdict == max((one.verdict for one in shown), key=GRAVITY.index)
        assert decided.confidence is not None
        assert 0 < decided.confidence < 1
    else:
        assert (decided.verdict, decided.confidence) == ("no_match", None)
    for one in shown:
        asset = one.match.candidate
        if one.verdict == "known_fake":
            assert asset.role == "fake"
            assert one.relation == "copy"
            assert asset.own or asset.tier != "unreviewed"
            if asset.needs_faces:
                assert one.match.judgement in {"same", "undecided"}
        if one.verdict == "authentic_original":
            assert asset.role == "original"
    again = decision.decide(query, list(reversed(made)))
    assert (again.verdict, again.mixed) == (decided.verdict, decided.mixed), "order must not matter"


@given(st.floats(0, 1), st.floats(10, 400), st.floats(10, 400))
def test_a_larger_face_must_be_more_alike(cosine: float, one: float, other: float) -> None:
    rank = {"other": 0, "undecided": 1, "same": 2}
    small, large = sorted((one, other))
    judged = [match.judge(FaceEvidence(4, cosine, 1.0, size)) for size in (small, large)]
    assert rank[judged[0]] >= rank[judged[1]]


def test_too_few_faces_judge_nothing() -> None:
    assert match.judge(FaceEvidence(1, 0.99, 1.0, 200)) == "none"
    assert match.judge(FaceEvidence(0, None, 0.0, 0.0)) == "none"


def test_of_two_people_the_swapped_one_speaks() -> None:
    def pair(second: str, file: str) -> Fingerprint:
        left = drawn.clip("body", face="bystander", noise=0.05, file=f"{file} left")
        right = drawn.clip("body", face=second, noise=0.05, file=f"{file} right")
        moved = tuple(replace(face, box=(0.7, 0.2, 0.2, 0.3), track=1) for face in right.faces)
        media = replace(left.media, sha256=right.media.sha256)
        return replace(left, media=media, faces=left.faces + moved)

    registered = candidate(pair("victim", "fake"))
    assert decision.decide(asked(pair("victim", "copy")), [registered]).verdict == "known_fake"
    genuine = decision.decide(asked(pair("actress", "original")), [registered])
    assert (genuine.verdict, genuine.reasons) == ("related", ("other_face",))


def test_a_policy_says_only_what_is_known() -> None:
    assert policy({"stills": True}) == Policy(stills=True)
    for wrong in ({"shout": True}, {"stills": "yes"}):
        with pytest.raises(BadInput) as caught:
            policy(wrong)
        assert caught.value.code == "bad_policy"
