"""Roll-out by a draw that is always the same, and what a bank says is to be done."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.catalogue.banks.model import Policy
from registry.matching.decision.model import bank_rules, rollout

BANK = UUID("8f2d7c60-6f6f-4f4e-a1d5-3c1b6d1c9e02")
OTHER = UUID("5d2a7c1e-8f40-4b7b-9d55-0c6a2f3b9e11")


@pytest.mark.parametrize(
    ("query", "at_least"),
    [(bytes(32), 0.36), (b"\xff" * 32, 0.34), (b"", 0.68), (b"abc", 0.79)],
)
def test_the_draw_never_changes(query: bytes, at_least: float) -> None:
    """Frozen: another draw would answer, from one release to the next, what was withheld."""
    assert not rollout.answers(BANK, at_least, query)
    assert rollout.answers(BANK, at_least + 0.01, query)


@given(st.binary(max_size=40), st.floats(0, 1), st.floats(0, 1))
def test_a_greater_share_only_adds(query: bytes, one: float, other: float) -> None:
    less, more = sorted((one, other))
    assert rollout.answers(BANK, less, query) <= rollout.answers(BANK, more, query)
    assert rollout.answers(BANK, 1.0, query)
    assert not rollout.answers(BANK, 0.0, query)


def test_so_many_are_answered_and_banks_draw_apart() -> None:
    queries = [number.to_bytes(4) for number in range(4_000)]
    ours = [rollout.answers(BANK, 0.25, query) for query in queries]
    theirs = [rollout.answers(OTHER, 0.25, query) for query in queries]
    assert 900 < sum(ours) < 1_100
    both = sum(a and b for a, b in zip(ours, theirs, strict=True))
    assert 180 < both < 320


@pytest.mark.parametrize(
    ("verdict", "mixed", "action"),
    [
        ("known_fake", False, "block"),
        ("related", False, "label"),
        ("authentic_original", False, None),
        ("known_fake", True, "review"),
        ("related", True, "review"),
        ("authentic_original", True, "review"),
        ("no_match", False, None),
    ],
)
def test_an_action_follows_the_verdict(verdict: str, mixed: bool, action: str | None) -> None:
    policy = Policy(known_fake_action="block", related_action="label")
    assert bank_rules.action_of_match(policy, verdict, mixed=mixed) == action


@given(st.lists(st.none() | st.sampled_from(["none", "label", "review", "call_legal", "block"])))
def test_the_gravest_is_the_answers(actions: list[str | None]) -> None:
    ranks = ["none", "label", "review", "call_legal", "block"]
    actions_named = [action for action in actions if action is not None]
    assert bank_rules.action_of_answer(actions) == (
        max(actions_named, key=ranks.index) if actions_named else None
    )


@given(st.sampled_from([None, "block", "remove", "take-down", "x", "none", "label", "review"]))
def test_mixed_clips_go_to_a_person_under_any_policy(code: str | None) -> None:
    assert (
        bank_rules.action_of_match(Policy(known_fake_action=code), "known_fake", mixed=True)
        == bank_rules.REVIEW
    )
