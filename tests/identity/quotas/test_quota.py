"""What is lent of rates and quotas: never more than there is, whoever asks, and whatever the clock does."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.core.errors import BadInput
from registry.identity.quotas import model as quota
from registry.identity.quotas.model import BURST, HELD, Ask, Book, Limits, lend

NOW = datetime(2026, 11, 25, 22, 0, tzinfo=UTC)
DAY, MONTH = date(2026, 11, 25), date(2026, 11, 1)
WHO = uuid4()


def book(limits: Limits, **said: object) -> Book:
    return replace(Book(limits, 0.0, DAY, 0, MONTH, 0), **said)  # type: ignore[arg-type]


def one(asked: Book, ask: Ask, now: datetime = NOW) -> tuple[Book, quota.Loan]:
    (after,), loan = lend([asked], ask, now)
    return after, loan


@given(
    rate=st.floats(0.01, 1000),
    asks=st.lists(st.tuples(st.integers(1, 50), st.integers(0, 200), st.floats(0, 3)), max_size=60),
)
def test_a_rate_is_never_exceeded_by_more_than_what_is_saved_up_and_one_question(
    rate: float, asks: list[tuple[int, int, float]]
) -> None:
    kept, now, lent = book(Limits(rate)), NOW, 0
    longest = max((least for least, _, _ in asks), default=0)
    for least, more, passed in asks:
        now += timedelta(seconds=passed)
        kept = replace(kept, ahead=kept.ahead - passed)
        kept, loan = one(kept, Ask(WHO, least, least, more), now)
        lent += loan.lent
        if not loan.lent:
            assert loan.refusal == "rate_limited"
            assert loan.retry_after <= max(quota.DEBT, 1 / rate) + 1
        # A question longer than a minute's worth costs a minute.
        elapsed = (now - NOW).total_seconds()
        if longest <= rate * quota.DEBT:
            assert lent <= rate * (elapsed + BURST) + longest + 1


@given(
    daily=st.integers(0, 300),
    asks=st.lists(st.tuples(st.integers(1, 30), st.integers(0, 100), st.integers(0, 100)), max_size=60),
)
def test_a_quota_is_never_exceeded_and_what_comes_back_can_be_had_again(
    daily: int, asks: list[tuple[int, int, int]]
) -> None:
    kept, held, used = book(Limits(daily=daily)), 0, 0
    for least, more, share in asks:
        kept, loan = one(kept, Ask(WHO, least, least, more))
        assert kept.day_used <= daily
        if loan.refusal:
            assert loan.refusal == "quota_exhausted"
            assert loan.retry_after == 2 * 3600
        spent = min(loan.lent + held, loan.lent and least)
        held += loan.lent - spent
        used += spent
        back = held * share // 100
        held -= back
        kept, _ = one(kept, Ask(WHO, back=back, lent_on=DAY))
        assert kept.day_used == used + held


def test_a_process_holds_half_a_second_and_a_tenth_of_what_is_left() -> None:
    assert one(book(Limits(100.0)), Ask(WHO, 1, 1, 10_000))[1].lent == 1 + 100 * HELD
    assert one(book(Limits(daily=1000)), Ask(WHO, 1, 1, 10_000))[1].lent == 101
    assert one(book(Limits(daily=9)), Ask(WHO, 1, 1, 10_000))[1].lent == 1


def test_of_a_caller_and_its_organization_the_tighter_counts_and_both_are_charged() -> None:
    mine, whole = book(Limits(10.0)), book(Limits(monthly=20))
    (mine, whole), loan = lend([mine, whole], Ask(WHO, 15, 15), NOW)
    assert loan.lent == 15
    assert (mine.ahead, whole.month_used) == (1.5, 15)
    _, loan = lend([mine, whole], Ask(WHO, 6, 6), NOW)
    assert (loan.lent, loan.refusal) == (0, "quota_exhausted")
    assert loan.retry_after == 5 * 86400 + 2 * 3600


def test_a_new_day_and_month_begin_in_utc_and_a_clock_that_jumps_gives_nothing_twice() -> None:
    spent = book(Limits(daily=10, monthly=15), day_used=10, month_used=10)
    assert one(spent, Ask(WHO, 1, 1))[1].refusal == "quota_exhausted"
    tomorrow, loan = one(spent, Ask(WHO, 5, 5), NOW + timedelta(hours=2))
    assert (loan.lent, tomorrow.day_used, tomorrow.month_used) == (5, 5, 15)
    again, loan = one(tomorrow, Ask(WHO, 1, 1), NOW)
    assert (loan.refusal, again.day, again.day_used) == ("quota_exhausted", date(2026, 11, 26), 5)
    rated = book(Limits(10.0), ahead=86_400.0)
    assert one(rated, Ask(WHO, 1, 1))[1].retry_after <= quota.DEBT + 1


def test_what_was_lent_yesterday_is_nothing_of_today() -> None:
    kept = book(Limits(daily=10, monthly=100), day_used=4, month_used=50)
    kept, _ = one(kept, Ask(WHO, back=3, lent_on=date(2026, 11, 24)))
    assert (kept.day_used, kept.month_used) == (4, 47)
    kept, _ = one(kept, Ask(WHO, back=3, lent_on=date(2026, 10, 31)))
    assert (kept.day_used, kept.month_used) == (4, 47)


def test_without_limits_nothing_is_counted() -> None:
    kept, loan = one(book(Limits()), Ask(WHO, 1, 1))
    assert (loan.limited, kept.day_used) == (False, 0)


def test_what_was_asked_while_nobody_could_be_asked_is_charged() -> None:
    kept, loan = one(book(Limits(10.0, daily=100)), Ask(WHO, charge=30))
    assert (loan.lent, kept.day_used, kept.ahead) == (0, 30, 3.0)


@pytest.mark.parametrize(
    "limits",
    [Limits(0), Limits(-1), Limits(float("nan")), Limits(float("inf")), Limits(1e9), Limits(None, -1)],
)
def test_limits_that_say_nothing(limits: Limits) -> None:
    with pytest.raises(BadInput) as caught:
        quota.checked(limits)
    assert caught.value.code == "bad_limits"
