"""What a bank's policy may say, and what others may change of it for themselves."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.catalogue.banks.model import (
    STRICTEST,
    TIERS,
    Policy,
    changed_policy,
    checked_overlay,
    overlaid,
    policy,
    rank,
)
from registry.core.errors import BadInput

THRESHOLD = st.floats(0, STRICTEST)
CODES = st.sampled_from(["block", "review", "label", "none", "call_legal"])
OVERLAYS = st.fixed_dictionaries(
    {},
    optional={
        "single_frame": st.booleans(),
        "min_confidence": THRESHOLD,
        "min_related": THRESHOLD,
        "known_tier": st.sampled_from(TIERS),
        "answer_tier": st.sampled_from(TIERS),
        "known_fake_action": CODES,
        "related_action": CODES,
        "authentic_original_action": CODES,
    },
)
BASES = st.builds(
    lambda low, high, **others: Policy(min_related=min(low, high), min_confidence=max(low, high), **others),
    THRESHOLD,
    THRESHOLD,
    single_frame=st.none() | st.booleans(),
    known_tier=st.sampled_from(TIERS),
    answer_tier=st.sampled_from(TIERS),
    known_fake_action=st.none() | CODES,
    subscribers_min_confidence=st.none() | THRESHOLD,
    subscribers_min_related=st.none() | THRESHOLD,
    subscribers_act=st.booleans(),
)


@pytest.mark.parametrize(
    "wrong",
    [
        {"known_tier": "trusted"},
        {"known_tier": 1},
        {"answer_tier": ["reviewed"]},
        {"known_fake_action": "Block it"},
        {"known_fake_action": ""},
        {"related_action": "x" * 33},
        {"related_action": 1},
        {"rollout": 1.01},
        {"rollout": -0.1},
        {"rollout": True},
        {"rollout": float("nan")},
        {"entry_retention_days": -1},
        {"entry_retention_days": "30"},
        {"subscribers_list": 1},
        {"subscribers_min_confidence": 0.98},
        {"no_match_action": "none"},
        {"min_related": 0.95},
    ],
)
def test_an_unknown_setting_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadInput) as caught:
        policy(wrong)
    assert caught.value.code == "bad_policy"


def test_each_setting_has_a_reader_and_a_way_back() -> None:
    defaults: dict[str, Any] = {
        field.name: "block" if field.name.endswith("_action") else field.default for field in fields(Policy)
    }
    assert policy(defaults).known_fake_action == "block"
    assert changed_policy(defaults, dict.fromkeys(defaults)) == {}


@given(BASES, OVERLAYS)
def test_others_are_never_laxer_than_the_bank_allows(base: Policy, overlay: dict[str, Any]) -> None:
    made = overlaid(base, overlay)
    least = base.min_confidence
    if base.subscribers_min_confidence is not None:
        least = min(least, base.subscribers_min_confidence)
    assert made.min_confidence >= least
    assert made.min_related <= made.min_confidence
    assert rank(made.known_tier) >= rank(base.known_tier)
    assert rank(made.answer_tier) >= rank(base.answer_tier)
    assert base.single_frame or not made.single_frame
    assert base.subscribers_act or made.known_fake_action == base.known_fake_action
    assert made.rollout == base.rollout
    assert made.strangers_see_unreviewed == base.strangers_see_unreviewed


@given(BASES, OVERLAYS)
def test_accepted_settings_take_effect(base: Policy, overlay: dict[str, Any]) -> None:
    try:
        accepted = checked_overlay(base, overlay)
    except BadInput:
        return
    made = overlaid(base, accepted)
    assert {name: getattr(made, name) for name in accepted} == accepted


@given(BASES)
def test_an_empty_change_changes_nothing(base: Policy) -> None:
    assert overlaid(base, {}) == base
    assert checked_overlay(base, {"min_confidence": None}) == {}


@pytest.mark.parametrize(
    ("overlay", "code"),
    [
        ({"rollout": 0.5}, "bad_policy"),
        ({"strangers_see_unreviewed": True}, "bad_policy"),
        ({"min_confidence": "0.9"}, "bad_policy"),
        ({"min_confidence": 0.89}, "beyond_policy"),
        ({"min_related": 0.4}, "beyond_policy"),
        ({"single_frame": True}, "beyond_policy"),
        ({"min_related": 0.95}, "bad_policy"),
    ],
)
def test_an_overlay_that_is_not_allowed_is_refused(overlay: dict[str, Any], code: str) -> None:
    with pytest.raises(BadInput) as caught:
        checked_overlay(Policy(), overlay)
    assert caught.value.code == code


def test_an_owner_lets_others_go_lower() -> None:
    base = Policy(subscribers_min_confidence=0.6, subscribers_min_related=0.2)
    assert checked_overlay(base, {"min_confidence": 0.6, "min_related": 0.2})
    with pytest.raises(BadInput):
        checked_overlay(base, {"min_confidence": 0.59})
    taken_back = overlaid(Policy(), {"min_confidence": 0.6, "min_related": 0.2})
    assert (taken_back.min_confidence, taken_back.min_related) == (0.9, 0.5)
