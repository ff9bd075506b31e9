"""Pages of recurrences (removed content that is back) and of passed terms."""

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
"""Maximum number of passed terms listed. The exported table contains all."""


@area.page("/takedown/{campaign_id}/recurrences", operation="listRecurrences")
def recurrences(page: Page) -> Shown:
    """List recurrences. By default, only those on which a person has to decide."""
    campaign_id = page.uuid("campaign_id")
    outcome = "proposed" if page.query("outcome", "proposed") == "proposed" else None
    shown = list_recurrences(
        page.service, page.caller, campaign_id, outcome=outcome, after=page.query("after") or None
    )
    return page.show(
        "takedown/recurrences/recurrences.html",
        campaign=show_campaign(page.service, page.caller, campaign_id),
        recurrences=shown.recurrences,
        next=shown.next,
        outcome=outcome or "",
    )


@area.form(
    "/takedown/{campaign_id}/recurrences/{recurrence_id}", operation="decideRecurrence", again=recurrences
)
def decide(page: Page) -> Response:
    """Accept or dismiss a proposed recurrence."""
    campaign_id = page.uuid("campaign_id")
    decision: Decision = "take" if page.typed.text("decision") == "take" else "dismiss"
    decided = decide_recurrence(page.service, page.caller, campaign_id, page.uuid("recurrence_id"), decision)
    if decision == "take" and decided.notice_id:
        return page.go(f"/takedown/{campaign_id}/notices/{decided.notice_id}", "return_taken")
    return page.go(f"/takedown/{campaign_id}/recurrences", "recurrence_dismissed")


@area.form("/takedown/{campaign_id}/recurrences", operation="reopenNotice", again=recurrences)
def found_again(page: Page) -> Response:
    """Report a place where the content is back. A lookup of the content there is the proof."""
    campaign_id = page.uuid("campaign_id")
    lookup_id = lookup_of(page.typed.text("lookup"))
    try:
        notice = reopen_notice(
            page.service, page.caller, campaign_id, url=page.typed.text("url").strip(), lookup_id=lookup_id
        )
    except NotFound as error:
        if error.code not in {"unknown_lookup", "nothing_removed"}:
            raise
        raise BadInput.of_code(error.code, error.message) from error
    return page.go(f"/takedown/{campaign_id}/notices/{notice.notice_id}", "notice_reopened")


def lookup_of(text: str) -> UUID:
    """Return a lookup's id, from the id or the URL of its page. Raises `BadInput` (`not_lookup`)."""
    try:
        return UUID(text.strip().partition("?")[0].rstrip("/").rpartition("/")[2])
    except ValueError:
        raise NotLookup("That is no lookup.") from None


@area.page("/takedown/{campaign_id}/breaches", operation="reportBreaches")
def breaches(page: Page) -> Shown:
    """Show notices and their results by platform, and every passed term."""
    campaign_id = page.uuid("campaign_id")
    report = report_breaches(page.service, page.caller, campaign_id=campaign_id)
    return page.show(
        "takedown/recurrences/breaches.html",
        campaign=show_campaign(page.service, page.caller, campaign_id),
        platforms=report.platforms,
        breaches=report.breaches[:MOST],
        more=max(len(report.breaches) - MOST, 0),
    )
