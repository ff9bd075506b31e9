"""Deadlines: hours across clock changes, working days with holidays, months and leap days."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.takedown.regimes.model.deadline import DeadlineRule, free_days, is_worked

BASE = DeadlineRule("hours", 48, "UTC", "", "sent", binding=True, reminders=(24, 4), why={})
MADRID = ZoneInfo("Europe/Madrid")
DAYS = replace(BASE, unit="working_days", amount=5, zone="Europe/Madrid", calendar="ES")


def at(text: str, zone: str = "UTC") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("start", "zone", "end"),
    [
        ("2026-11-25T12:00", "UTC", "2026-11-27T12:00+00:00"),
        ("2026-03-07T12:00", "America/New_York", "2026-03-09T13:00-04:00"),  # a day of 23 hours between
        ("2026-10-31T12:00", "America/New_York", "2026-11-02T11:00-05:00"),  # a day of 25
        ("2026-03-28T12:00", "Europe/Madrid", "2026-03-30T13:00+02:00"),
        ("2026-10-24T12:00", "Europe/Madrid", "2026-10-26T11:00+01:00"),
        ("2028-02-28T12:00", "UTC", "2028-03-01T12:00+00:00"),  # through a leap day
        ("2027-02-27T12:00", "UTC", "2027-03-01T12:00+00:00"),
        ("2026-12-31T23:30", "UTC", "2027-01-02T23:30+00:00"),
    ],
)
def test_hours_are_counted_one_by_one(start: str, zone: str, end: str) -> None:
    assert BASE.deadline(at(start, zone)) == datetime.fromisoformat(end)


def test_the_repeated_hour_of_a_clock_change_is_unambiguous() -> None:
    first = datetime(2026, 10, 25, 2, 30, tzinfo=MADRID)
    assert BASE.deadline(first.replace(fold=1)) - BASE.deadline(first) == timedelta(hours=1)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-11-23T09:00", "2026-11-30T23:59:59+01:00"),  # a Monday: the day itself is not counted
        ("2026-11-27T23:30", "2026-12-04T23:59:59+01:00"),  # a Friday
        ("2026-11-28T09:00", "2026-12-04T23:59:59+01:00"),  # a Saturday
        ("2026-12-04T09:00", "2026-12-14T23:59:59+01:00"),  # past the 8th, a holiday (the 6th is a Sunday)
        ("2026-03-27T09:00", "2026-04-06T23:59:59+02:00"),  # past Good Friday and a change of the clock
        ("2026-12-23T09:00", "2026-12-31T23:59:59+01:00"),  # past Christmas
        ("2026-12-28T09:00", "2027-01-05T23:59:59+01:00"),  # past New Year
        ("2028-02-25T09:00", "2028-03-03T23:59:59+01:00"),  # 29 February is worked
    ],
)
def test_working_days_pass_over_holidays(start: str, end: str) -> None:
    assert DAYS.deadline(at(start, "Europe/Madrid")) == datetime.fromisoformat(end)


def test_days_count_in_the_time_zone_of_the_rules() -> None:
    late = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)  # the 24th in Madrid
    assert DAYS.deadline(late) == datetime.fromisoformat("2026-12-01T23:59:59+01:00")
    assert DAYS.deadline(late, zone="UTC") == datetime.fromisoformat("2026-11-30T23:59:59+00:00")


@pytest.mark.parametrize(
    ("unit", "amount", "start", "end"),
    [
        ("days", 5, "2026-11-20T09:00", "2026-11-25"),
        ("days", 1, "2026-11-27T09:00", "2026-11-30"),  # ends on a Saturday: Monday
        ("days", 13, "2026-11-25T09:00", "2026-12-09"),  # ends on the 8th, a holiday
        ("months", 1, "2027-01-29T09:00", "2027-03-01"),  # 28 February is a Sunday
        ("months", 1, "2028-01-31T09:00", "2028-02-29"),
        ("months", 12, "2028-02-29T09:00", "2029-02-28"),
        ("months", 3, "2026-11-30T09:00", "2027-03-01"),
        ("months", 1, "2026-12-15T09:00", "2027-01-15"),
    ],
)
def test_days_and_months_end_on_a_day_that_is_worked(unit: str, amount: int, start: str, end: str) -> None:
    rule = replace(DAYS, unit=unit, amount=amount)
    assert rule.deadline(at(start, "Europe/Madrid")).astimezone(MADRID).date() == date.fromisoformat(end)


def test_calendars_are_of_countries_parts_and_markets() -> None:
    assert date(2026, 9, 17) in free_days("ES-ML", 2026) - free_days("ES", 2026)  # the day of Melilla
    assert date(2026, 4, 6) in free_days("ECB", 2026)
    assert not is_worked(date(2026, 11, 28), "")
    assert free_days("", 2026) == frozenset()
    with pytest.raises(ValueError, match="no calendar"):
        free_days("ES-XX", 2026)


def test_a_moment_without_an_offset_starts_nothing() -> None:
    with pytest.raises(ValueError, match="offset"):
        BASE.deadline(datetime(2026, 11, 25))  # noqa: DTZ001 - that is the point


@pytest.mark.parametrize("said", ["2026-13-01", "tomorrow", "", "2026-11-30T25:00"])
def test_a_stated_term_that_is_none(said: str) -> None:
    with pytest.raises(ValueError, match=r"isoformat|stated|range|hour|month"):
        replace(BASE, unit="stated", amount=0).deadline(at("2026-11-25T12:00"), said)


def test_reminders_come_before_the_end_and_after_the_start() -> None:
    start = at("2026-11-25T12:00")
    end = BASE.deadline(start)
    assert BASE.reminded(start, end) == (end - timedelta(hours=24), end - timedelta(hours=4))
    assert BASE.reminded(end - timedelta(hours=10), end) == (end - timedelta(hours=4),)
    assert BASE.reminded(end, end) == ()


FIRST, LAST = datetime.fromisoformat("2020-01-01"), datetime.fromisoformat("2039-12-31")
moments = st.datetimes(FIRST, LAST, timezones=st.timezones())
zones = st.sampled_from(
    ["UTC", "Europe/Madrid", "America/New_York", "Africa/Cairo", "Asia/Beirut", "Asia/Kolkata"]
)
rules = st.builds(
    DeadlineRule,
    unit=st.sampled_from(["hours", "days", "working_days", "months"]),
    amount=st.integers(1, 40),
    zone=zones,
    calendar=st.sampled_from(["", "ES", "ES-ML", "US", "ECB", "FR"]),
    starts=st.just("sent"),
    binding=st.booleans(),
    reminders=st.just((48, 24)),
    why=st.just({}),
)


@pytest.mark.slow
@given(rule=rules, start=moments, later=st.integers(0, 10**7))
def test_later_sending_never_gives_an_earlier_deadline(
    rule: DeadlineRule, start: datetime, later: int
) -> None:
    end = rule.deadline(start)
    assert end > start.astimezone(UTC)
    assert rule.deadline(start.astimezone(UTC) + timedelta(seconds=later)) >= end


@given(rule=rules, start=moments)
def test_a_term_in_days_ends_with_the_last_second_of_a_day_that_is_worked(
    rule: DeadlineRule, start: datetime
) -> None:
    end, zone = rule.deadline(start), ZoneInfo(rule.zone)
    if rule.unit == "hours":
        assert end - start.astimezone(UTC) == timedelta(hours=rule.amount)
        return
    last = end.astimezone(zone)
    assert is_worked(last.date(), rule.calendar)
    assert (end + timedelta(seconds=1)).astimezone(zone).date() == last.date() + timedelta(days=1)
    if rule.unit == "working_days":
        day = start.astimezone(zone).date()
        between = (day + timedelta(days=n) for n in range(1, (last.date() - day).days + 1))
        assert sum(is_worked(item, rule.calendar) for item in between) == rule.amount
