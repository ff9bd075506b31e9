"""What had been removed and is there again: taken, dismissed, or said by a person; terms that were over."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from starlette.responses import Response

from registry.console.view import Page, Shown
from registry.core.errors import BadInput, NotFound
from registry.takedown.campaigns.pages.frame import area
from registry.takedown.campaigns.service.campaigns import show_campaign
from registry.takedown.notices.service.breaches import report_breaches
from registry.takedown.recurrences.errors import NotLookup
from registry.takedown.recurrences.schemas import Decision
from registry.takedown.recurrences.service.recurrences import (
    decide_recurrence,
    list_recurrences,
    reopen_notice,
)

MOST: Final = 200
"""Terms that were over and are listed; all are in the table that is exported."""


@area.page("/takedown/{campaign_id}/recurrences", operation="listRecurrences")
def recurrences(page: Page) -> Shown:
    """Places where it may be again; those that wait for a person first of all by the filter."""
    campaign_id = page.uuid("campaign_id")
    outcome = "proposed" if page.query("outcome", "proposed") == "proposed" else None
    found = list_recurrences(
        page.service, page.caller, campaign_id, outcome=outcome, after=page.query("after") or None
    )
    return page.show(
        "takedown/recurrences/recurrences.html",
        campaign=show_campaign(page.service, page.caller, campaign_id),
        recurrences=found.recurrences,
        next=found.next,
        outcome=outcome or "",
    )


@area.form(
    "/takedown/{campaign_id}/recurrences/{recurrence_id}", operation="decideRecurrence", again=recurrences
)
def decide(page: Page) -> Response:
    """It is there again, or it is not."""
    campaign_id = page.uuid("campaign_id")
    decision: Decision = "take" if page.typed.text("decision") == "take" else "dismiss"
    decided = decide_recurrence(page.service, page.caller, campaign_id, page.uuid("recurrence_id"), decision)
    if decision == "take" and decided.notice_id:
        return page.go(f"/takedown/{campaign_id}/notices/{decided.notice_id}", "return_taken")
    return page.go(f"/takedown/{campaign_id}/recurrences", "recurrence_dismissed")


@area.form("/takedown/{campaign_id}/recurrences", operation="reopenNotice", again=recurrences)
def found_again(page: Page) -> Response:
    """A person says where it is again; a lookup of what is there is the proof."""
    campaign_id = page.uuid("campaign_id")
    lookup_id = lookup_of(page.typed.text("lookup"))
    try:
        made = reopen_notice(
            page.service, page.caller, campaign_id, url=page.typed.text("url").strip(), lookup_id=lookup_id
        )
    except NotFound as error:
        if error.code not in {"unknown_lookup", "nothing_removed"}:
            raise
        raise BadInput.of_code(error.code, error.message) from error
    return page.go(f"/takedown/{campaign_id}/notices/{made.notice_id}", "notice_reopened")


def lookup_of(text: str) -> UUID:
    """A lookup by its number or the address of its page. Raises `BadInput` (`not_lookup`)."""
    try:
        return UUID(text.strip().partition("?")[0].rstrip("/").rpartition("/")[2])
    except ValueError:
        raise NotLookup("That is no lookup.") from None


@area.page("/takedown/{campaign_id}/breaches", operation="reportBreaches")
def breaches(page: Page) -> Shown:
    """What each platform was told and what came of it, and every term that was over."""
    campaign_id = page.uuid("campaign_id")
    found = report_breaches(page.service, page.caller, campaign_id=campaign_id)
    return page.show(
        "takedown/recurrences/breaches.html",
        campaign=show_campaign(page.service, page.caller, campaign_id),
        platforms=found.platforms,
        breaches=found.breaches[:MOST],
        more=max(len(found.breaches) - MOST, 0),
    )
