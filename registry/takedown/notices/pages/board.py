"""The board of a campaign: its notices in columns by state, each with its deadline first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from registry.console.languages import N_
from registry.console.view import Page, Shown
from registry.takedown.campaigns.pages.frame import area
from registry.takedown.campaigns.service.campaigns import show_campaign
from registry.takedown.notices.model.notice import NoticeFilter, Order, Stand
from registry.takedown.notices.pages.notices import clock
from registry.takedown.notices.service.notices import list_notices

CARDS: Final = 12
"""Maximum number of notices shown in one state. The list has all."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the board. `order`: which notices of a state are shown first."""

    code: str
    title: str
    none: str
    states: tuple[Stand, ...]
    order: Order = "oldest"


COLUMNS: Final = (
    Column("prepare", N_("To check"), N_("Nothing to check."), ("reopened", "draft")),
    Column("hand_over", N_("To send"), N_("Nothing to send."), ("ready", "prepared")),
    Column(
        "wait",
        N_("Waiting for an answer"),
        N_("Nothing is waiting."),
        ("handed_over", "delivered", "acknowledged", "appealed"),
        "due",
    ),
    Column("late", N_("Overdue"), N_("No deadline was missed."), ("expired",), "due"),
    Column("done", N_("Done"), N_("Nothing is done yet."), ("removed", "refused", "closed")),
)
_DUE: Final = frozenset({"handed_over", "delivered", "acknowledged", "expired"})
"""States whose notices have a deadline."""


@area.page("/takedown/{campaign_id}/board", operation="listNotices")
def board(page: Page) -> Shown:
    """Show the notices of a campaign in columns. On a phone they are lists, one below the other."""
    campaign_id = page.uuid("campaign_id")
    campaign = show_campaign(page.service, page.caller, campaign_id)
    counts: Counter[str] = Counter()
    for group in campaign.notices:
        counts[group.state] += group.notices
    columns = [
        {
            "code": column.code,
            "title": column.title,
            "none": column.none,
            "count": sum(counts[state] for state in column.states),
            "groups": [
                (state, counts[state], _cards(page, campaign_id, state, column.order))
                for state in column.states
                if counts[state]
            ],
        }
        for column in COLUMNS
    ]
    return page.show(
        "takedown/notices/board.html",
        campaign=campaign,
        columns=columns,
        total=counts.total(),
        now=datetime.now(UTC),
    )


def _cards(page: Page, campaign_id: UUID, state: Stand, order: Order) -> list[Mapping[str, Any]]:
    """Return the first notices in this state. Those with a deadline come by it."""
    filter_ = NoticeFilter(state, order=order if state in _DUE else "oldest")
    found = list_notices(page.service, page.caller, campaign_id, filter_, limit=CARDS)
    return [{**dict(row), "clock": clock(row)} for row in found.notices]
