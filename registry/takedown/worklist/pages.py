"""Pages and tasks of what waits for a person, over all campaigns of the organization."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Final

from registry.console.languages import N_
from registry.console.view import Card, Page, Shown, Waiting
from registry.takedown.campaigns.pages.frame import area
from registry.takedown.worklist.model import Kind
from registry.takedown.worklist.service import count_waiting, list_waiting


def _show(kind: Kind, page: Page) -> Shown:
    found = list_waiting(page.service, page.caller, kind, after=page.query("after") or None)
    return page.show(
        "takedown/worklist/list.html",
        kind=kind,
        items=found.items,
        next=found.next,
        now=datetime.now(UTC),
    )


def _card(kind: Kind, title: str, none: str, hint: str, page: Page) -> Card:
    tally = count_waiting(page.service, page.caller, kind)
    return Card(title, none, f"/takedown/{kind}", tally, hint, broken=kind == "unsent")


def _pages(kind: Kind) -> Callable[[Page], Shown]:
    return partial(_show, kind)


LISTS: Final[tuple[tuple[Kind, str, str, str, str], ...]] = (
    (
        "due",
        "listNotices",
        N_("Deadlines near or over"),
        N_("No deadline ends soon."),
        N_("Check whether the content is still there. If the deadline is over, you can complain."),
    ),
    (
        "unsent",
        "listNoticeDeliveries",
        N_("Letters that were not sent"),
        N_("All letters were sent."),
        N_("Check each address. Send the letter again, or print it and hand it over yourself."),
    ),
    (
        "letters",
        "listNoticeDeliveries",
        N_("Letters to print"),
        N_("No letter to print."),
        N_("Print them and hand them over. The deadline of the platform starts then."),
    ),
    (
        "recurrences",
        "listRecurrences",
        N_("Fakes that may be back"),
        N_("No fake was found again."),
        N_("Look at the place. Say whether the fake is there."),
    ),
    (
        "reopened",
        "listNotices",
        N_("Fakes found again"),
        N_("No notice was opened again."),
        N_("A lookup found them where they had been removed. Confirm each match, then send the notice."),
    ),
    (
        "ready",
        "listNotices",
        N_("Notices ready to send"),
        N_("No notice is ready."),
        N_("Preview the letters, then send them."),
    ),
)
"""The lists: kind, permission, title, text if it is empty, and what to do."""

for kind_, operation_, title_, none_, hint_ in LISTS:
    area.page(f"/takedown/{kind_}", operation=operation_)(_pages(kind_))
    area.waiting += (Waiting(operation_, partial(_card, kind_, title_, none_, hint_)),)
