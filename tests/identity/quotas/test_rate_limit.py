"""Leases of tokens by rates and quotas: never more than there is, whoever asks, whatever the clock does."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.core.errors import BadInput
from registry.identity.quotas.model import limits as quota_limits
from registry.identity.quotas.model import rate_limit
from registry.identity.quotas.model.limits import Limits
from registry.identity.quotas.model.rate_limit import BURST, HELD_SECONDS, LeaseRequest, Usage, lease

NOW = datetime(2026, 11, 25, 22, 0, tzinfo=UTC)
DAY, MONTH = date(2026, 11, 25), date(2026, 11, 1)
WHO = uuid4()


def usage(limits: Limits, **fields: object) -> Usage:
    return replace(Usage(limits, 0.0, DAY, 0, MONTH, 0), **fields)  # type: ignore[arg-type]


def one(asked: Usage, ask: LeaseRequest, now: datetime = NOW) -> tuple[Usage, rate_limit.Lease]:
    (after,), loan = lease([asked], ask, now)
    return after, loan


@given(
    rate=st.floats(0.01, 1000),
    asks=st.lists(st.tuples(st.integers(1, 50), st.integers(0, 200), st.floats(0, 3)), max_size=60),
)
def test_a_rate_is_exceeded_by_the_burst_and_one_request_at_most(
    rate: float, asks: list[tuple[int, int, float]]
) -> None:
    kept, now, granted = usage(Limits(rate)), NOW, 0
    longest = max((least for least, _, _ in asks), default=0)
    for least, more, passed in asks:
        now += timedelta(seconds=passed)
        kept = replace(kept, ahead=kept.ahead - passed)
        kept, loan = one(kept, LeaseRequest(WHO, least, least, more), now)
        granted += loan.granted
        if not loan.granted:
            assert loan.refusal == "rate_limited"
            assert loan.retry_after <= max(rate_limit.DEBT, 1 / rate) + 1
        # A question longer than a minute's worth costs a minute.
        elapsed = (now - NOW).total_seconds()
        if longest <= rate * rate_limit.DEBT:
            assert granted <= rate * (elapsed + BURST) + longest + 1


@given(
    daily=st.integers(0, 300),
    asks=st.lists(st.tuples(st.integers(1, 30), st.integers(0, 100), st.integers(0, 100)), max_size=60),
)
def test_a_quota_is_never_exceeded_and_returned_tokens_are_reused(
    daily: int, asks: list[tuple[int, int, int]]
) -> None:
    kept, held, used = usage(Limits(daily=daily)), 0, 0
    for least, more, share in asks:
        kept, loan = one(kept, LeaseRequest(WHO, least, least, more))
        assert kept.day_used <= daily
        if loan.refusal:
            assert loan.refusal == "quota_exhausted"
            assert loan.retry_after == 2 * 3600
        spent = min(loan.granted + held, loan.granted and least)
        held += loan.granted - spent
        used += spent
        back = held * share // 100
        held -= back
        kept, _ = one(kept, LeaseRequest(WHO, back=back, leased_on=DAY))
        assert kept.day_used == used + held


def test_a_process_leases_half_a_second_and_a_tenth_of_the_quota() -> None:
    assert one(usage(Limits(100.0)), LeaseRequest(WHO, 1, 1, 10_000))[1].granted == 1 + 100 * HELD_SECONDS
    assert one(usage(Limits(daily=1000)), LeaseRequest(WHO, 1, 1, 10_000))[1].granted == 101
    assert one(usage(Limits(daily=9)), LeaseRequest(WHO, 1, 1, 10_000))[1].granted == 1


def test_of_a_caller_and_its_organization_the_tighter_counts_and_both_are_charged() -> None:
    mine, whole = usage(Limits(10.0)), usage(Limits(monthly=20))
    (mine, whole), loan = lease([mine, whole], LeaseRequest(WHO, 15, 15), NOW)
    assert loan.granted == 15
    assert (mine.ahead, whole.month_used) == (1.5, 15)
    _, loan = lease([mine, whole], LeaseRequest(WHO, 6, 6), NOW)
    assert (loan.granted, loan.refusal) == (0, "quota_exhausted")
    assert loan.retry_after == 5 * 86400 + 2 * 3600


def test_a_new_day_and_month_begin_in_utc_and_a_clock_that_jumps_gives_nothing_twice() -> None:
    spent = usage(Limits(daily=10, monthly=15), day_used=10, month_used=10)
    assert one(spent, LeaseRequest(WHO, 1, 1))[1].refusal == "quota_exhausted"
    tomorrow, loan = one(spent, LeaseRequest(WHO, 5, 5), NOW + timedelta(hours=2))
    assert (loan.granted, tomorrow.day_used, tomorrow.month_used) == (5, 5, 15)
    again, loan = one(tomorrow, LeaseRequest(WHO, 1, 1), NOW)
    assert (loan.refusal, again.day, again.day_used) == ("quota_exhausted", date(2026, 11, 26), 5)
    rated = usage(Limits(10.0), ahead=86_400.0)
    assert one(rated, LeaseRequest(WHO, 1, 1))[1].retry_after <= rate_limit.DEBT + 1


def test_leases_of_yesterday_do_not_count_today() -> None:
    kept = usage(Limits(daily=10, monthly=100), day_used=4, month_used=50)
    kept, _ = one(kept, LeaseRequest(WHO, back=3, leased_on=date(2026, 11, 24)))
    assert (kept.day_used, kept.month_used) == (4, 47)
    kept, _ = one(kept, LeaseRequest(WHO, back=3, leased_on=date(2026, 10, 31)))
    assert (kept.day_used, kept.month_used) == (4, 47)


def test_without_limits_nothing_is_counted() -> None:
    kept, loan = one(usage(Limits()), LeaseRequest(WHO, 1, 1))
    assert (loan.limited, kept.day_used) == (False, 0)


def test_lookups_during_an_outage_are_charged_later() -> None:
    kept, loan = one(usage(Limits(10.0, daily=100)), LeaseRequest(WHO, charge=30))
    assert (loan.granted, kept.day_used, kept.ahead) == (0, 30, 3.0)


@pytest.mark.parametrize(
    "limits",
    [Limits(0), Limits(-1), Limits(float("nan")), Limits(float("inf")), Limits(1e9), Limits(None, -1)],
)
def test_limits_that_say_nothing(limits: Limits) -> None:
    with pytest.raises(BadInput) as caught:
        quota_limits.checked(limits)
    assert caught.value.code == "bad_limits"
