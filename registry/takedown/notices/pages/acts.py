"""More of one notice: what somebody says against it, exhibits, a lookup of what is there, a complaint."""

from __future__ import annotations

from typing import Final, get_args

from starlette.responses import Response

from registry.console.view import Page, Shown, as_uuid
from registry.core.errors import BadInput, NotFound
from registry.review.disputes.model import KINDS, STANDINGS
from registry.review.disputes.service.disputes import Contest, show_dispute
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
"""Contested notices that are listed."""


def _root(page: Page) -> str:
    return f"/takedown/{page.uuid('campaign_id')}/notices/{page.uuid('notice_id')}"


@area.page("/takedown/{campaign_id}/notices/{notice_id}/contest", operation="contestNotice")
def contesting(page: Page) -> Shown:
    """The form of a counter-notice."""
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
    """Somebody defends what the notice asks to take down."""
    typed = page.typed
    kind = next((kind for kind in KINDS if kind == typed.text("kind")), None)
    standing = next((standing for standing in STANDINGS if standing == typed.text("standing")), None)
    if kind is None or standing is None:
        raise BadInput("Choose what is said, and by whom.")
    said = Contest(kind, standing, typed.text("statement"), typed.text("contact").strip() or None)
    contest_notice(page.service, page.caller, page.uuid("campaign_id"), page.uuid("notice_id"), said)
    return page.go(_root(page), "notice_contested")


@area.page("/takedown/{campaign_id}/contested", operation="listNotices")
def contested(page: Page) -> Shown:
    """Notices with counter-notices, and the disputes about these."""
    campaign_id = page.uuid("campaign_id")
    found, after = [], None
    while True:
        some = list_notices(page.service, page.caller, campaign_id, limit=1_000, after=after)
        for item in some.notices:
            waits = "counter_notice" in item.paused_for
            if waits or item.dispute_id:
                heard = None
                if item.dispute_id:
                    heard = show_dispute(page.service, page.caller, as_uuid(item.dispute_id))
                found.append({**dict(item), "waits": waits, "heard": heard})
        after = some.next
        if after is None or len(found) >= MOST:
            break
    shown = show_campaign(page.service, page.caller, campaign_id)
    return page.show("takedown/notices/contested.html", campaign=shown, contested=found[:MOST])


@area.page("/takedown/{campaign_id}/notices/{notice_id}/exhibits", operation="listExhibits")
def exhibits(page: Page) -> Shown:
    """Screenshots and media of a notice, by their digests, and the form to add one."""
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
    """Put a file on record by its digest; the file itself is kept only where that is asked for."""
    kind: Kind | None = next((arg for arg in get_args(Kind) if arg == page.typed.text("kind")), None)
    if kind is None:
        raise BadInput("Choose what the file is.")
    file, keep = document(page, "file"), page.typed.given("keep")
    if keep and file.content is None:
        raise BadExhibit("The file did not come along, or is too large to be kept.")
    made = Exhibit(
        kind,
        file.sha256,
        file.size,
        file.name,
        page.typed.text("note").strip() or None,
        moment(page, "made_at"),
        file.content if keep else None,
    )
    add_exhibit(page.service, page.caller, page.uuid("campaign_id"), page.uuid("notice_id"), made)
    return page.go(f"{_root(page)}/exhibits", "exhibit_added")


@area.form("/takedown/{campaign_id}/notices/{notice_id}/lookup", operation="attachMatches", again=notice_page)
def attach(page: Page) -> Response:
    """What a lookup of the media there said of the fake."""
    given = [(page.uuid("notice_id"), lookup_of(page.typed.text("lookup")))]
    try:
        attach_matches(page.service, page.caller, page.uuid("campaign_id"), given)
    except NotFound as error:
        if error.code != "unknown_lookup":
            raise
        raise BadInput.of_code(error.code, error.message) from error
    return page.go(_root(page), "notice_checked")


@area.page("/takedown/{campaign_id}/notices/{notice_id}/escalation", operation="draftEscalation")
def escalation(page: Page) -> Shown:
    """The draft of a complaint about a term that was over; a person completes and sends it."""
    campaign_id, notice_id = page.uuid("campaign_id"), page.uuid("notice_id")
    language = page.query("language") if page.query("language") in LANGUAGES else None
    return page.show(
        "takedown/notices/escalation.html",
        campaign=show_campaign(page.service, page.caller, campaign_id),
        draft=draft_escalation(page.service, page.caller, campaign_id, notice_id, language),
        spoken=LANGUAGES,
    )
