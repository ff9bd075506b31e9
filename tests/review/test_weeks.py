"""Registrations, reviews and letters by week."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from registry.catalogue.entries.service.entries import weekly_registrations
from registry.core.weeks import WeekValue, last_weeks
from registry.identity.callers.model import Caller
from registry.review.queue.service.queue import weekly_reviews
from registry.takedown.delivery.service.sending import send_notices
from registry.takedown.notices.model.notice import PersonMove
from registry.takedown.notices.service.moves import move_notice
from registry.takedown.reports.service import weekly_outcomes
from tests.support.statistics import let_decisions_be_of, let_entry_be_of
from tests.support.steps import join
from tests.support.takedown.campaigns import Case


def by_week(values: Sequence[WeekValue], back: int) -> dict[str, float]:
    """The values of the week so many weeks ago."""
    week = last_weeks(datetime.now(UTC) - timedelta(weeks=back)).mondays[-1]
    return {value.of: value.value for value in values if value.week == week}


def test_registrations_count_in_their_week(about: Case) -> None:
    let_entry_be_of(about.service, about.entry_id, 3)
    values = weekly_registrations(about.service, about.caller)
    assert (by_week(values, 3), by_week(values, 0)) == ({"registered": 1}, {})
    let_entry_be_of(about.service, about.entry_id, 13)
    assert weekly_registrations(about.service, about.caller) == [], "older than twelve weeks"
    other = join(about.service, about.caller, "Others")
    let_entry_be_of(about.service, about.entry_id, 3)
    assert weekly_registrations(about.service, other) == []


def test_weeks_are_the_readers(about: Case) -> None:
    """An hour before Monday in UTC is Monday already east of it."""
    monday = last_weeks(datetime.now(UTC)).starts[-3]
    let_entry_be_of(about.service, about.entry_id, 0, at=monday - timedelta(hours=1))
    for zone, week in (
        (UTC, monday - timedelta(weeks=1)),
        (ZoneInfo("Europe/Helsinki"), monday),
        (ZoneInfo("America/Los_Angeles"), monday - timedelta(weeks=1)),
    ):
        (value,) = weekly_registrations(about.service, about.caller, zone)
        assert value.week == week.date(), zone


def test_the_time_to_review_is_that_of_first_decisions(about: Case) -> None:
    """Later decisions on the same entry count as decisions, and not as a wait."""
    let_entry_be_of(about.service, about.entry_id, 2)
    reviewer = Caller(about.caller.caller_id, about.caller.organization_id, "r", frozenset({"review"}))
    let_decisions_be_of(about.service, about.entry_id, reviewer, weeks=2, hours=(5, 9))
    assert by_week(weekly_reviews(about.service, reviewer), 2) == {"decisions": 2, "hours": 5}


def test_letters_have_the_outcome_before_their_next_letter(about: Case) -> None:
    made = about.ready(*(f"https://printed.example.net/{n}" for n in range(3)))
    send_notices(about.service, about.caller, about.campaign_id, notice_ids=made)
    removed, refused, _ = made
    move(about, removed, "remove")
    move(about, refused, "refuse")
    values = weekly_outcomes(about.service, about.caller)
    assert by_week(values, 0) == {"removed": 1, "refused": 1, "open": 1}


def move(about: Case, notice_id: UUID, act: str) -> None:
    done = PersonMove("remove" if act == "remove" else "refuse", "told")
    move_notice(about.service, about.caller, about.campaign_id, notice_id, done)
