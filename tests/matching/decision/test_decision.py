"""The decision: pure rules with values."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.catalogue.entries.model.entry import Policy, Tier, policy
from registry.catalogue.entries.model.verdict import GRAVITY
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.catalogue.media.model import Role
from registry.core.errors import BadInput
from registry.matching.alignment.model.faces import FaceEvidence
from registry.matching.decision.model import confidence, decision, match
from registry.matching.decision.model.evidence import judge
from tests.support.matching.decisions import FAKE, ORIGINAL, candidate, query_of
from tests.support.media import drawn

COPY = query_of(drawn.clip("body", face="victim", noise=0.15, file="copy"))
GENUINE = query_of(drawn.clip("body", face="actress", noise=0.12, file="genuine"))


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
    decided = decision.decide(query_of(copy), [candidate(FAKE, tier="reviewed"), washed])
    assert decided.verdict == "related"
    assert "original_claimed" in decided.reasons


@pytest.mark.slow
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
    query = query_of(drawn.clip("body", face=face, noise=0.1, file="q"))
    decided = decision.decide(query, made)
    shown = [item for group in decided.groups for item in group]
    if shown:
        assert decided.verdict == max((group.verdict for group in shown), key=GRAVITY.index)
        assert decided.confidence is not None
        assert 0 < decided.confidence < 1
    else:
        assert (decided.verdict, decided.confidence) == ("no_match", None)
    for item in shown:
        assert set(item.reasons) <= decision.REASONS
        asset = item.match.candidate
        if item.verdict == "known_fake":
            assert asset.role == "fake"
            assert item.relation == "copy"
            assert asset.own or asset.tier != "unreviewed"
            if asset.needs_faces:
                assert item.match.judgement in {"same", "undecided"}
        if item.verdict == "authentic_original":
            assert asset.role == "original"
    again = decision.decide(query, list(reversed(made)))
    assert (again.verdict, again.mixed) == (decided.verdict, decided.mixed), "order must not matter"


@given(st.floats(0, 1), st.floats(10, 400), st.floats(10, 400))
def test_a_larger_face_must_be_more_alike(cosine: float, one: float, other: float) -> None:
    rank = {"other": 0, "undecided": 1, "same": 2}
    small, large = sorted((one, other))
    judged = [judge(FaceEvidence(4, cosine, size)) for size in (small, large)]
    assert rank[judged[0]] >= rank[judged[1]]


def test_too_few_faces_judge_nothing() -> None:
    assert judge(FaceEvidence(1, None, 0.0)) == "none"
    assert judge(FaceEvidence(4, 0.99, 200.0, complete=False)) == "none"
    assert judge(FaceEvidence(4, 0.10, 200.0, complete=False)) == "other"


def test_of_two_people_the_swapped_one_speaks() -> None:
    def pair(second: str, file: str) -> Fingerprint:
        left = drawn.clip("body", face="bystander", noise=0.05, file=f"{file} left")
        right = drawn.clip("body", face=second, noise=0.05, file=f"{file} right")
        moved = tuple(replace(face, box=(0.7, 0.2, 0.2, 0.3), track=1) for face in right.faces)
        media = replace(left.media, sha256=right.media.sha256)
        return replace(left, media=media, faces=left.faces + moved)

    registered = candidate(pair("victim", "fake"))
    assert decision.decide(query_of(pair("victim", "copy")), [registered]).verdict == "known_fake"
    genuine = decision.decide(query_of(pair("actress", "original")), [registered])
    assert (genuine.verdict, genuine.reasons) == ("related", ("other_face",))


def edited(altered: Fingerprint, seconds: float, *, noise: float, file: str) -> Fingerprint:
    """The footage `body` with `altered` in the place of its seconds 4 to 4 + its own length."""
    length = altered.media.duration
    return drawn.joined(
        drawn.clip("body", seconds=4, noise=noise, file=file),
        altered,
        drawn.clip("body", start=4 + length, seconds=seconds - 4 - length, noise=noise, file=file),
    )


@pytest.mark.parametrize(("seconds", "noise"), [(20.0, 0.0), (60.0, 0.05)])
def test_an_edit_of_a_few_seconds_is_not_outvoted_by_the_rest(seconds: float, noise: float) -> None:
    fake = edited(drawn.clip("bodi", seconds=2, file="f"), seconds, noise=noise, file="fake")
    original = drawn.clip("body", seconds=seconds, file="original")
    both = [candidate(fake, manipulation="edited"), candidate(original, "original", manipulation="edited")]
    for number in range(3):
        shown = drawn.clip("bodi", seconds=2, noise=0.1, file=f"{number}")
        copy = edited(shown, seconds, noise=0.1, file=f"copy {number}")
        assert decision.decide(query_of(copy), both).verdict == "known_fake"
        genuine = drawn.clip("body", seconds=seconds, noise=0.1, file=f"genuine {number}")
        assert decision.decide(query_of(genuine), both).verdict == "authentic_original"


def test_an_original_cut_from_the_fake_speaks_for_its_own_seconds_only() -> None:
    fake = drawn.clip("body", seconds=20)
    cut = drawn.clip("body", start=5, seconds=3, noise=0.02, file="own original")
    both = [
        candidate(fake, manipulation="edited"),
        candidate(cut, "original", manipulation="edited", entry_id=UUID(int=2)),
    ]
    decided = decision.decide(query_of(drawn.clip("body", seconds=20, noise=0.1, file="copy")), both)
    assert decided.verdict == "known_fake"


def test_faces_that_were_not_looked_for_prove_nothing() -> None:
    blind = replace(drawn.clip("body"), algorithms=("phash256.1", "pdq.1", "sscd.1"))
    registered = replace(candidate(blind), faces_ran=False)
    query = query_of(drawn.clip("body", face="actress", noise=0.1, file="genuine"))
    decided = decision.decide(query, [registered])
    assert (decided.verdict, decided.reasons) == ("related", ("no_face",))


def two_people(second: str | None, file: str, *, share: float = 1.0) -> Fingerprint:
    """A bystander all along, and another face for a share of the time."""
    left = drawn.clip("body", face="bystander", noise=0.05, file=f"{file} left", seconds=16)
    right = drawn.clip("body", face=second, noise=0.05, file=f"{file} right", seconds=16)
    shown = [face for face in right.faces if face.time < 16 * share]
    moved = tuple(replace(face, box=(0.7, 0.2, 0.2, 0.3), track=1) for face in shown)
    media = replace(left.media, sha256=right.media.sha256)
    return replace(left, media=media, faces=left.faces + moved)


def test_a_query_without_the_victims_face_is_undecided() -> None:
    registered = candidate(two_people("victim", "fake"))
    decided = decision.decide(query_of(two_people(None, "only the bystander")), [registered])
    assert (decided.verdict, decided.reasons) == ("related", ("no_face",))


def test_a_victim_shown_for_a_quarter_of_the_time_speaks() -> None:
    registered = candidate(two_people("victim", "fake", share=0.25))
    copy = decision.decide(query_of(two_people("victim", "copy", share=0.25)), [registered])
    assert copy.verdict == "known_fake"
    genuine = decision.decide(query_of(two_people("actress", "genuine", share=0.25)), [registered])
    assert (genuine.verdict, genuine.reasons) == ("related", ("other_face",))


def test_an_unreviewed_original_claim_of_a_stranger_changes_nothing() -> None:
    claimed = candidate(FAKE, "original", own=False, entry_id=UUID(int=2))
    decided = decision.decide(COPY, [candidate(FAKE, tier="reviewed"), claimed])
    assert decided.verdict == "known_fake"
    exact = decision.decide(query_of(FAKE), [candidate(FAKE, tier="reviewed"), claimed])
    assert exact.verdict == "known_fake"


def test_a_stranger_does_not_spoil_a_trusted_original() -> None:
    genuine = drawn.clip("body", face="actress", noise=0.12, file="genuine")
    trusted = {"tier": "reviewed", "original_tier": "reviewed"}
    three = [
        candidate(FAKE, **trusted),  # type: ignore[arg-type]  # literal keys
        candidate(ORIGINAL, "original", **trusted),  # type: ignore[arg-type]  # literal keys
        candidate(genuine, "original", own=False, entry_id=UUID(int=2)),
    ]
    assert decision.decide(query_of(genuine), three).verdict == "authentic_original"


def test_one_picture_at_many_moments_is_a_still() -> None:
    one = drawn.clip("poster", seconds=0.5, face="victim").frames[0]
    shown = drawn.clip("poster", face="victim", seconds=8)
    slides = replace(shown, frames=tuple(replace(one, time=index / 2) for index in range(16)))
    faces = drawn.clip("poster", face="victim", seconds=8, noise=0.02, file="fake").faces
    decided = decision.decide(query_of(slides), [candidate(replace(slides, media=FAKE.media, faces=faces))])
    assert decided.verdict == "related"
    assert "single_frame" in decided.reasons


def test_confidence_is_never_one() -> None:
    for query in (COPY, query_of(FAKE)):
        found = decision.decide(query, [candidate(FAKE)]).confidence
        assert found is not None
        assert found < 1


def test_a_policy_has_known_settings_only() -> None:
    assert policy({"single_frame": True}) == Policy(single_frame=True)
    for wrong in ({"shout": True}, {"single_frame": "yes"}):
        with pytest.raises(BadInput) as caught:
            policy(wrong)
        assert caught.value.code == "bad_policy"


def test_how_sure_the_footage_must_be_is_the_banks_to_say() -> None:
    copy = query_of(drawn.clip("body", noise=1.1, file="far"))

    def answered(least: float, related: float = 0.0) -> decision.Decision:
        rules = Policy(min_confidence=least, min_related=related)
        return decision.decide(copy, [candidate(FAKE, manipulation="edited", rules=rules)])

    (found,) = match.find(copy, candidate(FAKE, manipulation="edited", rules=Policy(min_related=0.0)))
    sure = found.footage * confidence.MOMENTS.cap
    assert 0 < sure < 1
    looser = answered(sure - 0.001)
    assert looser.verdict == "known_fake"
    assert looser.confidence == pytest.approx(sure)
    stricter = answered(sure + 0.001)
    assert (stricter.verdict, stricter.reasons) == ("related", ("weak",))
    assert answered(found.footage + 0.002, found.footage + 0.001).verdict == "no_match"


def test_competing_matches_over_the_same_seconds_lower_confidence() -> None:
    other = candidate(
        drawn.clip("body", noise=0.45, file="like"), entry_id=UUID(int=2), manipulation="edited"
    )
    mine = candidate(FAKE, manipulation="edited")
    query = query_of(drawn.clip("body", noise=1.1, file="far"))
    alone = decision.decide(query, [mine]).confidence
    beside = decision.decide(query, [mine, other])
    held = next(
        item.confidence
        for group in beside.groups
        for item in group
        if item.match.candidate.entry_id == mine.entry_id
    )
    assert alone is not None
    assert held < alone
