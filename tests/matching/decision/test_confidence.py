"""The laws of a confidence, whatever its curves' numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.catalogue.entries.model.entry import STRICTEST, Policy, policy
from registry.catalogue.fingerprints.model import timeline
from registry.core.errors import BadInput
from registry.matching.alignment.model import align
from registry.matching.decision.model import confidence
from registry.matching.decision.model.confidence import CLIPS, COMPETITORS, FACES, SINGLES, Evidence
from tests.bench.accuracy import fitting, reliability
from tests.support.media.drawn import clip as drawn_clip

SHARES = st.floats(0, 1)
EVIDENCE = st.builds(
    Evidence,
    score=SHARES,
    agreement=SHARES,
    margin=st.floats(-0.3, 0.8),
    single=st.booleans(),
)


@given(EVIDENCE)
def test_a_confidence_is_a_probability_and_never_surer_than_its_evidence(seen: Evidence) -> None:
    found = confidence.footage(seen)
    assert 0 < found <= (SINGLES if seen.single else CLIPS).cap < 1


@given(EVIDENCE, st.sampled_from(["score", "agreement", "margin"]), SHARES)
def test_more_evidence_never_lowers_confidence(seen: Evidence, name: str, more: float) -> None:
    richer = replace(seen, **{name: getattr(seen, name) + more})
    assert confidence.footage(richer) >= confidence.footage(seen)


@given(EVIDENCE)
def test_one_picture_has_less_confidence_than_two(seen: Evidence) -> None:
    one = replace(seen, single=True)
    assert confidence.footage(one) <= confidence.footage(replace(one, single=False))


@given(st.floats(-2, 2), st.floats(0, 2))
def test_faces_more_alike_are_surer(apart: float, more: float) -> None:
    assert 0 < confidence.same_face(apart) <= confidence.same_face(apart + more) <= FACES.cap
    assert 0 < confidence.nearer(40 * apart) <= confidence.nearer(40 * (apart + more)) <= COMPETITORS.cap


def test_a_span_with_little_agreement_has_less_confidence() -> None:
    clip = timeline.of_frames(drawn_clip("footage").frames)
    (one,) = align.align(clip, clip, query_duration=8, asset_duration=8)
    seen = [
        confidence.observed(replace(one, share=share), single=False)
        for share in (1, confidence.USUAL, align.SHARE)
    ]
    assert seen[0] == seen[1]
    assert seen[2].score == pytest.approx(seen[0].score * align.SHARE / confidence.USUAL)
    assert seen[2].agreement < seen[0].agreement
    assert seen[2].margin < seen[0].margin


def test_nothing_a_bank_may_ask_for_is_out_of_reach() -> None:
    best = Evidence(1.0, 1.0, 0.8, single=False)
    assert confidence.footage(best) >= STRICTEST
    assert confidence.footage(replace(best, single=True)) >= Policy().min_confidence


@pytest.mark.parametrize(
    "wrong",
    [
        {"min_confidence": 1},
        {"min_confidence": -0.1},
        {"min_confidence": True},
        {"min_confidence": "0.9"},
        {"min_confidence": float("nan")},
        {"min_related": 0.95},
        {"min_confidence": 0.4},
        {"single_frame": 0.5},
    ],
)
def test_thresholds_are_numbers_in_order(wrong: dict[str, object]) -> None:
    with pytest.raises(BadInput) as caught:
        policy(wrong)
    assert caught.value.code == "bad_policy"


def test_a_bank_may_be_stricter_or_looser() -> None:
    assert policy({"min_confidence": 0.97}).min_confidence == 0.97
    assert policy({"min_confidence": 0.4, "min_related": 0}) == Policy(min_confidence=0.4, min_related=0.0)


def drawn(count: int, seed: int) -> tuple[np.ndarray, np.ndarray, list[frozenset[str]]]:
    """Pairs whose truth follows logit P = 6 x - 3, a feature that says nothing, and one that misleads."""
    random = np.random.default_rng(seed)
    rows = random.random((count, 3))
    right = random.random(count) < 1 / (1 + np.exp(-(6 * rows[:, 0] - 3)))
    rows[:, 2] = 1 - 0.5 * right + 0.1 * random.random(count)
    groups = [frozenset({str(index % 20), str(index % 7)}) for index in range(count)]
    return rows, right, groups


def test_a_fit_finds_the_curve_and_takes_no_weight_below_nothing() -> None:
    rows, right, _ = drawn(8000, 1)
    fit = fitting.fitted(rows[:, :2], right, np.ones(len(rows)))
    assert fit.intercept == pytest.approx(-3, abs=0.35)
    assert fit.weights == pytest.approx((6, 0), abs=0.4)
    assert fitting.fitted(rows, right, np.ones(len(rows))).weights[2] == 0


def test_folds_exclude_the_judged_groups() -> None:
    rows, right, groups = drawn(2000, 2)
    held = fitting.held_out(rows[:, :1], right, np.ones(len(rows)), groups)
    assert not np.isnan(held).any()
    found = reliability.bins(held, right)
    assert reliability.calibration_error(found) < 0.05
    folds = fitting._folds(groups)
    mine = {folds[group] for group in groups[0]}
    apart = np.array([not mine & {folds[group] for group in pair} for pair in groups])
    alone = fitting.fitted(rows[apart, :1], right[apart], np.ones(int(apart.sum())))
    assert held[0] == pytest.approx(alone(rows[:1, :1])[0])


def test_the_cap_follows_the_rule_of_three() -> None:
    assert fitting.bound(0, 300) == pytest.approx(0.01)
    assert fitting.cap(0.5, hits=1.0, wrong=0, of=297) == pytest.approx(0.99, abs=1e-4)
    assert fitting.cap(0.1, hits=0.9, wrong=0, of=10**9) < 1


def test_the_diagram_counts_each_once() -> None:
    held = np.array([0.05, 0.95, 0.96, 0.99, 1.0])
    right = np.array([False, True, False, True, True])
    found = reliability.bins(held, right)
    assert sum(item.n for item in found) == 5
    assert found[-1].right == 1.0
    assert reliability.log_loss(np.array([0.5, 0.5]), np.array([True, False])) == pytest.approx(np.log(2))
