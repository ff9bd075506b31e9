"""A notice's moves, and what keeps one from being sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.core.errors import BadInput, Conflict
from registry.takedown.campaigns import model as campaign
from registry.takedown.notices.model import notice
from registry.takedown.notices.model.notice import ACTS, HINDRANCES, STATES, Act, Facts, Pause, State

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
FINE = Facts(
    now=NOW,
    state="ready",
    paused_for=(),
    campaign_open=True,
    client_erased=False,
    entry_status="matchable",
    entry_seen=True,
    entry_tier="reviewed",
    entry_harmless=False,
    valid_from=NOW - timedelta(days=1),
    valid_until=NOW + timedelta(days=1),
    revoked=False,
    signed=True,
    complete=True,
    verdict="known_fake",
    ground="match",
    address_marked=True,
    address_confirmed=True,
    matched=True,
    medium_tier="reviewed",
    dispute_accepted=False,
    disputed=False,
    in_scope=True,
    excepted=False,
)
BROKEN = {
    "not_ready": replace(FINE, state="sent"),
    "paused": replace(FINE, paused_for=("held",)),
    "campaign_closed": replace(FINE, campaign_open=False),
    "client_erased": replace(FINE, client_erased=True),
    "entry_withdrawn": replace(FINE, entry_status="withdrawn"),
    "entry_suspended": replace(FINE, entry_status="suspended"),
    "entry_unseen": replace(FINE, entry_seen=False),
    "entry_unreviewed": replace(FINE, entry_tier="unreviewed"),
    "entry_harmless": replace(FINE, entry_harmless=True),
    "mandate_revoked": replace(FINE, revoked=True),
    "mandate_not_begun": replace(FINE, valid_from=NOW + timedelta(seconds=1)),
    "mandate_expired": replace(FINE, valid_until=NOW),
    "no_signatory": replace(FINE, signed=False),
    "elements_missing": replace(FINE, complete=False),
    "authentic_original": replace(FINE, verdict="authentic_original"),
    "no_match": replace(FINE, verdict="no_match"),
    "ground_unconfirmed": replace(FINE, ground=None),
    "address_unconfirmed": replace(FINE, address_confirmed=False),
    "medium_unreviewed": replace(FINE, medium_tier=None),
    "dispute_accepted": replace(FINE, dispute_accepted=True),
    "entry_disputed": replace(FINE, disputed=True),
    "scope_unasked": replace(FINE, in_scope=None, excepted=None),
    "out_of_scope": replace(FINE, in_scope=False),
    "excepted": replace(FINE, excepted=True),
}


def test_complete_notices_are_not_blocked() -> None:
    assert notice.hindrances(FINE) == []
    notice.require_sendable(FINE)


def test_each_hindrance_is_tried() -> None:
    assert list(BROKEN) == list(HINDRANCES)


@pytest.mark.parametrize("code", BROKEN)
def test_one_thing_that_lacks_is_enough(code: str) -> None:
    assert notice.hindrances(BROKEN[code]) == [code]
    with pytest.raises(Conflict) as refused:
        notice.require_sendable(BROKEN[code])
    assert refused.value.code == "notice_hindered"
    assert refused.value.extra == {"hindrances": [code]}


@given(st.lists(st.sampled_from([act for act in ACTS if act != "add"]), max_size=40))
def test_a_notice_is_sent_again_only_after_it_was_ready_again(acts: list[Act]) -> None:
    state: State = "draft"
    ready, sent = 0, 0
    for act in acts:
        try:
            after = notice.move(state, act)
        except Conflict:
            continue
        if act in {"pause", "resume"}:
            assert after == state
        else:
            assert after in STATES
            ready += act == "prepare"
            sent += act == "send"
        state = after
    assert sent <= ready


@given(st.sampled_from(STATES))
def test_closed_notices_can_only_be_reopened(state: State) -> None:
    possible = set()
    for act in ACTS:
        try:
            notice.move(state, act)
            possible.add(act)
        except Conflict:
            continue
    assert possible
    if state == "closed":
        assert possible == {"reopen"}


@given(st.sampled_from(ACTS), st.lists(st.sampled_from(["entry", "counter_notice", "held"]), unique=True))
def test_a_notice_stays_paused_while_any_reason_remains(act: Act, paused_for: list[Pause]) -> None:
    if act in {"send", "expire", "appeal"} and paused_for:
        with pytest.raises(Conflict) as refused:
            notice.require_running(act, paused_for)
        assert refused.value.code == "notice_paused"
    else:
        notice.require_running(act, paused_for)


def test_seeing_it_does_not_outweigh_a_lookup() -> None:
    assert [notice.may_stand(item, "seen") for item in (None, "undecidable", "related", "known_fake")] == [
        True
    ] * 4
    assert not notice.may_stand("no_match", "seen")
    assert not notice.may_stand("authentic_original", "seen")
    assert [notice.may_stand(item, "match") for item in ("known_fake", "related")] == [True, True]
    assert not any(notice.may_stand(item, "match") for item in (None, "undecidable", "no_match"))


@pytest.mark.parametrize(
    ("begins", "ends", "code"),
    [
        (NOW - timedelta(days=9), NOW - timedelta(days=1), "mandate_expired"),
        (NOW, NOW - timedelta(days=1), "mandate_expired"),
        (NOW + timedelta(days=2), NOW + timedelta(days=1), "bad_time"),
        (NOW, NOW + timedelta(days=4000), "bad_time"),
        (NOW.replace(tzinfo=None), NOW + timedelta(days=1), "bad_time"),
    ],
)
def test_a_mandate_that_does_not_hold_is_refused(begins: datetime, ends: datetime, code: str) -> None:
    with pytest.raises(BadInput) as refused:
        campaign.Mandate("self", "ab" * 32, begins, ends).checked(NOW)
    assert refused.value.code == code


@given(st.dictionaries(st.text(max_size=50), st.one_of(st.text(), st.booleans(), st.integers()), max_size=60))
def test_elements_are_kept_or_refused(said: dict[str, object]) -> None:
    try:
        kept = campaign.elements(said)
    except BadInput:
        return
    assert set(kept) <= set(said)
    assert all(value is True or value is False or value.strip() for value in kept.values())


@pytest.mark.parametrize("language", ["en", "es", "fr", "ar"])
def test_the_ground_has_four_languages(language: str) -> None:
    match = {"relation": "copy", "confidence": 0.98, "spans": [{"query": [12.0, 20.1], "asset": [0.0, 8.1]}]}
    said = campaign.ground_sentence(language, "match", match, NOW)
    assert "0.98" in said
    assert "12.0-20.1" in said
    assert "2026-11-25" in said
    assert "{" not in said
    assert campaign.ground_sentence(language, "seen", None, NOW) != said
