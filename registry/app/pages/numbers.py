"""Numbers over time: for each kind of work, how much of it and with which result in the last weeks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any, Final

from registry.catalogue.entries.service.entries import weekly_registrations
from registry.console.charts import Column, columns
from registry.console.languages import N_
from registry.console.view import Page
from registry.core.errors import FakeprintError
from registry.core.service import Service
from registry.core.weeks import WeekValue, last_weeks
from registry.identity.callers.model import Caller
from registry.matching.statistics.service import weekly_lookups
from registry.review.queue.service.queue import weekly_reviews
from registry.takedown.reports.service import weekly_outcomes


@dataclass(frozen=True, slots=True)
class ShownTrend:
    """A trend as the template draws it. `weeks`: the table's rows, the oldest first. `parts`, `others`: code
    and label of what the chart draws, and of what only the table shows."""

    code: str
    title: str
    none: str
    unit: str
    parts: Sequence[tuple[str, str]]
    others: Sequence[tuple[str, str]]
    weeks: Sequence[Mapping[str, Any]]
    columns: Sequence[Column]

    @property
    def is_empty(self) -> bool:
        return all(not column.total for column in self.columns)


@dataclass(frozen=True, slots=True)
class Trend:
    """Values by week, for readers with one of these permissions.

    `unit`: `count`, of which a week without a value has 0, or `hours`, of which it has none.
    """

    code: str
    operations: tuple[str, ...]
    ask: Callable[[Service, Caller, tzinfo], Sequence[WeekValue]]
    title: str
    none: str
    parts: Sequence[tuple[str, str]]
    others: Sequence[tuple[str, str]] = ()
    unit: str = "count"

    def draw(self, page: Page) -> ShownTrend | None:
        """Return the trend of the reader's organization; None on an error: the others are shown."""
        try:
            values = self.ask(page.service, page.caller, page.words.zone)
        except FakeprintError:
            return None
        by_week = {(value.week, value.of): value.value for value in values}
        absent = {code: 0 if self.unit == "count" else None for code, _ in self.parts}
        absent |= {code: 0 for code, _ in self.others}
        weeks = [
            {"name": monday} | {code: by_week.get((monday, code), none) for code, none in absent.items()}
            for monday in last_weeks(datetime.now(UTC), page.words.zone).mondays
        ]
        drawn = columns(weeks, [code for code, _ in self.parts], mirrored=page.words.direction == "rtl")
        shown = (self.code, self.title, self.none, self.unit, self.parts, self.others)
        return ShownTrend(*shown, weeks, drawn)


TRENDS: Final = (
    Trend(
        "lookups",
        ("lookUp", "listAccounts"),
        weekly_lookups,
        N_("Lookups by result"),
        N_("Your organization has looked nothing up in these weeks."),
        (
            ("known_fake", N_("Known fake")),
            ("related", N_("Related: a person decides")),
            ("authentic_original", N_("Genuine original")),
            ("undecidable", N_("Undecidable")),
            ("no_match", N_("Not known")),
        ),
    ),
    Trend(
        "registrations",
        ("listEntries",),
        weekly_registrations,
        N_("Registered entries"),
        N_("Your organization has registered nothing in these weeks."),
        (("registered", N_("Registered entries")),),
    ),
    Trend(
        "reviews",
        ("listReviews",),
        weekly_reviews,
        N_("Hours until the first review (median)"),
        N_("Your reviewers have decided nothing in these weeks."),
        (("hours", N_("Hours until the first review")),),
        (("decisions", N_("Decisions")),),
        "hours",
    ),
    Trend(
        "takedowns",
        ("reportStatistics",),
        weekly_outcomes,
        N_("Letters by outcome"),
        N_("Your organization has prepared no letter in these weeks."),
        (
            ("removed", N_("Removed")),
            ("refused", N_("Refused")),
            ("closed", N_("Closed")),
            ("open", N_("Open")),
        ),
    ),
)
