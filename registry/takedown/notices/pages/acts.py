"""Pages of one notice: counter-notice, exhibits, lookup of its place, complaint."""

from __future__ import annotations

from typing import Final, get_args

from starlette.responses import Response

from registry.console.view import Page, Shown, as_uuid
from registry.core.errors import BadInput, NotFound
from registry.review.disputes.model import KINDS, STANDINGS
from registry.review.disputes.service.disputes import Contest, get_dispute
from registry.takedown.campaigns.pages.fields import document, moment
from registry.takedown.campaigns.pages.frame import area
from registry.takedown.campaigns.service.campaigns import show_campaign
from registry.takedown.errors import BadExhibit
from registry.takedown.evidence.model.exhibit import Exhibit, Kind
from registry.takedown.evidence.service.exhibits import add_exhibit, list_exhibits
from registry.takedown.notices.pages.notices import notice_page
from registry.takedown.notices.service.breaches import draft_escalation
from registry.takedown.notices.service.moves import contest_notice
from registry.takedown.notices.service.notices import list_notices, show_notice
from registry.takedown.notices.service.preparation import attach_matches
from registry.takedown.recurrences.pages.recurrences import lookup_of
from registry.takedown.regimes.model.regime import LANGUAGES

MOST: Final = 200
"""Maximum number of contested notices listed."""


def _root(page: Page) -> str:
    return f"/takedown/{page.uuid('campaign_id')}/notices/{page.uuid('notice_id')}"


@area.page("/takedown/{campaign_id}/notices/{notice_id}/contest", operation="contestNotice")
def contesting(page: Page) -> Shown:
    """Show the form for a counter-notice."""
    campaign_id, notice_id = page.uuid("campaign_id"), page.uuid("notice_id")
    return page.show(
        "takedown/notices/contest.html",
        campaign=show_campaign(page.service, page.caller, campaign_id),
        notice=show_notice(page.service, page.caller, campaign_id, notice_id),
        kinds=KINDS,
        standings=STANDINGS,
    )


@area.form("/takedown/{campaign_id}/notices/{notice_id}/contest", operation="contestNotice", again=contesting)
def contest(page: Page) -> Response:
    """Record a counter-notice."""
    typed = page.typed
    kind = next((kind for kind in KINDS if kind == typed.text("kind")), None)
    standing = next((standing for standing in STANDINGS if standing == typed.text("standing")), None)
    if kind is None or standing is None:
        raise BadInput("Choose the objection and who objects.")
    counter_notice = Contest(kind, standing, typed.text("statement"), typed.text("contact").strip() or None)
    contest_notice(
        page.service, page.caller, page.uuid("campaign_id"), page.uuid("notice_id"), counter_notice
    )
    return page.go(_root(page), "notice_contested")


@area.page("/takedown/{campaign_id}/contested", operation="listNotices")
def contested(page: Page) -> Shown:
    """List notices with counter-notices, and their disputes."""
    campaign_id = page.uuid("campaign_id")
    rows, after = [], None
    while True:
        batch = list_notices(page.service, page.caller, campaign_id, limit=1_000, after=after)
        for row in batch.notices:
            waits = "counter_notice" in row.paused_for
            if waits or row.dispute_id:
                dispute = None
                if row.dispute_id:
                    dispute = get_dispute(page.service, page.caller, as_uuid(row.dispute_id))
                rows.append({**dict(row), "waits": waits, "heard": dispute})
        after = batch.next
        if after is None or len(rows) >= MOST:
            break
    shown = show_campaign(page.service, page.caller, campaign_id)
    return page.show("takedown/notices/contested.html", campaign=shown, contested=rows[:MOST])


@area.page("/takedown/{campaign_id}/notices/{notice_id}/exhibits", operation="listExhibits")
def exhibits(page: Page) -> Shown:
    """List the exhibits of a notice, with the form to add one."""
    campaign_id, notice_id = page.uuid("campaign_id"), page.uuid("notice_id")
    return page.show(
        "takedown/notices/exhibits.html",
        campaign=show_campaign(page.service, page.caller, campaign_id),
        notice=show_notice(page.service, page.caller, campaign_id, notice_id),
        exhibits=list_exhibits(page.service, page.caller, campaign_id, notice_id).exhibits,
        kinds=get_args(Kind),
    )


@area.form(
    "/takedown/{campaign_id}/notices/{notice_id}/exhibits", operation="addExhibit", again=exhibits, files=1
)
def exhibit(page: Page) -> Response:
    """Record a file as an exhibit by its SHA-256. The file itself is stored only if requested."""
    kind: Kind | None = next((arg for arg in get_args(Kind) if arg == page.typed.text("kind")), None)
    if kind is None:
        raise BadInput("Choose what the file is.")
    file, keep = document(page, "file"), page.typed.given("keep")
    if keep and file.content is None:
        raise BadExhibit("The file was not sent, or is too large to be stored.")
    new = Exhibit(
        kind,
        file.sha256,
        file.size,
        file.name,
        page.typed.text("note").strip() or None,
        moment(page, "made_at"),
        file.content if keep else None,
    )
    add_exhibit(page.service, page.caller, page.uuid("campaign_id"), page.uuid("notice_id"), new)
    return page.go(f"{_root(page)}/exhibits", "exhibit_added")


@area.form("/takedown/{campaign_id}/notices/{notice_id}/lookup", operation="attachMatches", again=notice_page)
def attach(page: Page) -> Response:
    """Attach a lookup of the content at the notice's place."""
    pairs = [(page.uuid("notice_id"), lookup_of(page.typed.text("lookup")))]
    try:
        attach_matches(page.service, page.caller, page.uuid("campaign_id"), pairs)
    except NotFound as error:
        if error.code != "unknown_lookup":
            raise
        raise BadInput.of_code(error.code, error.message) from error
    return page.go(_root(page), "notice_checked")


@area.page("/takedown/{campaign_id}/notices/{notice_id}/escalation", operation="draftEscalation")
def escalation(page: Page) -> Shown:
    """Show the draft of a complaint about a missed deadline. A person completes and sends it."""
    campaign_id, notice_id = page.uuid("campaign_id"), page.uuid("notice_id")
    language = page.query("language") if page.query("language") in LANGUAGES else None
    return page.show(
        "takedown/notices/escalation.html",
        campaign=show_campaign(page.service, page.caller, campaign_id),
        draft=draft_escalation(page.service, page.caller, campaign_id, notice_id, language),
        spoken=LANGUAGES,
    )
