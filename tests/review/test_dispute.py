"""Disputes: the state machine, and when one may silence an entry."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.core.errors import Conflict, Forbidden
from registry.review.disputes import model as dispute
from registry.review.disputes.model import Past

ACTS = ("answer", "accept", "uphold", "reject", "withdraw")
PAST = st.builds(Past, st.booleans(), st.booleans(), *(st.integers(0, 40) for _ in range(4)))


@given(st.lists(st.sampled_from(ACTS), max_size=8))
def test_whatever_comes_a_closed_dispute_stays_closed(acts: list[Any]) -> None:
    state: dispute.State = "open"
    seen = []
    for act in acts:
        try:
            state = dispute.after(state, act)
        except Conflict as error:
            assert error.code == ("dispute_closed" if state == "closed" else "wrong_state")  # noqa: PT017
        seen.append(state)
    if "closed" in seen:
        assert set(seen[seen.index("closed") :]) == {"closed"}
    assert seen.count("closed") == 0 or acts[seen.index("closed")] in {"uphold", "reject", "withdraw"}


def test_an_owner_answers_once() -> None:
    with pytest.raises(Conflict):
        dispute.after(dispute.after("open", "answer"), "answer")


@given(st.sampled_from(("unreviewed", "reviewed", "court_order")), st.sampled_from(dispute.STANDINGS), PAST)
def test_only_unreviewed_entries_are_suspended_at_once_within_limits(
    tier: Any, standing: Any, past: Past
) -> None:
    if dispute.at_once(tier, standing, past):
        assert tier == "unreviewed"
        assert standing in {"depicted", "author"}
        assert past.at_once < dispute.AT_ONCE_A_DAY
        assert past.suffered < dispute.SUFFERED_A_DAY
        assert past.lost < dispute.LOST


def test_the_first_of_somebody_depicted_suspends_at_once() -> None:
    assert dispute.at_once("unreviewed", "depicted", Past())
    assert not dispute.at_once("unreviewed", "platform", Past())
    for flood in (Past(at_once=5), Past(suffered=20), Past(lost=3)):
        assert not dispute.at_once("unreviewed", "depicted", flood)


@given(PAST)
def test_a_dispute_is_repeated_while_it_is_open_or_was_lost(past: Past) -> None:
    if past.open or past.lost_here:
        with pytest.raises(Conflict) as caught:
            dispute.require_new(past)
        assert caught.value.code == "dispute_repeated"
    else:
        dispute.require_new(replace(past))


def test_no_party_decides() -> None:
    dispute.require_neutral("neither", opened=False, voted=False)
    dispute.require_neutral("both", opened=False, voted=False)
    for side, opened, voted in (
        ("opener", False, False),
        ("owner", False, False),
        ("both", True, False),
        ("neither", False, True),
    ):
        with pytest.raises(Forbidden) as caught:
            dispute.require_neutral(side, opened=opened, voted=voted)  # type: ignore[arg-type]
        assert caught.value.code == "party_decides"


def test_an_order_is_met_by_an_order_alone() -> None:
    dispute.require_order("reviewed", ordered=False)
    dispute.require_order("court_order", ordered=True)
    with pytest.raises(Conflict, match="Only another order"):
        dispute.require_order("court_order", ordered=False)


def test_a_decision_waits_for_the_owners_answer_or_the_deadline() -> None:
    now = datetime(2026, 3, 29, 0, 59, tzinfo=UTC)
    due = dispute.due(now)
    assert due - now == timedelta(days=7)
    dispute.require_heard("answered", due, now)
    dispute.require_heard("open", due, due)
    with pytest.raises(Conflict) as caught:
        dispute.require_heard("open", due, due - timedelta(seconds=1))
    assert caught.value.extra == {"answer_due": due.isoformat()}
