"""What came back: taken in by mailbox or by hand, matched with its notice, a platform's reasons accepted."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from starlette.responses import Response

from registry.console.errors import NoDocument
from registry.console.view import Page, Shown, as_uuid
from registry.core.errors import TooLarge
from registry.takedown.campaigns.pages.fields import moment
from registry.takedown.campaigns.pages.frame import area
from registry.takedown.notices.pages.notices import notice_page
from registry.takedown.notices.schemas.notices import NamedNotice, NoticeShown
from registry.takedown.notices.service.notices import name_notices, show_notice
from registry.takedown.replies.errors import ReplyKnown, ReplyUnmatched, WhichNotice
from registry.takedown.replies.model import reply
from registry.takedown.replies.model.reply import State
from registry.takedown.replies.schemas import TakenReplies, TakenStatements
from registry.takedown.replies.service.replies import list_replies, match_reply, take_mailbox, take_replies
from registry.takedown.replies.service.statements import accept_statement, take_statements

PAGE: Final = 25
CANDIDATES: Final = 4
"""Notices that a reply may answer and that are shown with it; a hundred on a page."""
STATES: Final[tuple[State, ...]] = ("unmatched", "matched", "dismissed")


@area.page("/takedown/replies", operation="listReplies")
def replies(page: Page) -> Shown:
    """Replies; first those that wait for a person, each with the notices that it may answer."""
    return _shown(page, None)


def _shown(page: Page, taken: TakenReplies | TakenStatements | None) -> Shown:
    asked = page.query("state", "unmatched")
    state: State | None = next((state for state in STATES if state == asked), None)
    after = page.query("after") or None
    found = list_replies(page.service, page.caller, state=state, limit=PAGE, after=after)
    items = found.replies
    named = [item.notice_id for item in items if item.notice_id]
    named += [notice_id for item in items for notice_id in item.candidates[:CANDIDATES]]
    known = name_notices(page.service, page.caller, " ".join(named))
    return page.show(
        "takedown/replies/replies.html",
        replies=items,
        notices={str(notice_id): notice for notice_id, notice in known.items()},
        next=found.next,
        state=state or "",
        taken=taken,
    )


@area.form("/takedown/replies", operation="takeMailbox", again=replies, files=1)
def take(page: Page) -> Shown:
    """Take in a mailbox file, or one message: what became of each."""
    return _shown(page, take_mailbox(page.service, page.caller, _file(page)))


@area.form("/takedown/replies/statements", operation="takeStatements", again=replies, files=1)
def take_reasons(page: Page) -> Shown:
    """Take in a platform's statements of reasons: what became of each."""
    platform = page.typed.text("platform").strip() or None
    return _shown(page, take_statements(page.service, page.caller, _file(page), platform=platform))


def _file(page: Page) -> bytes:
    for file in page.files("file"):
        if file.size > reply.MOST_BYTES:
            raise TooLarge(f"A file has at most {reply.MOST_BYTES} bytes here.")
        return file.open().read()
    raise NoDocument("No file was chosen.")


@area.form("/takedown/replies/match", operation="matchReply", again=replies)
def match(page: Page) -> Response:
    """It answers the notice that is named; or none, and is forgotten."""
    reply_id = as_uuid(page.typed.text("reply"))
    if page.typed.text("do") == "dismiss":
        match_reply(page.service, page.caller, reply_id, None)
        return page.go("/takedown/replies", "reply_dismissed_now")
    named = page.typed.text("named").strip() or page.typed.text("notice")
    found = name_notices(page.service, page.caller, named)
    if len(found) != 1:
        raise WhichNotice("Name one notice that was sent.")
    (notice_id,) = found
    match_reply(page.service, page.caller, reply_id, notice_id)
    return page.go(_page_of(found[notice_id]), "reply_matched")


def _page_of(notice: NamedNotice | NoticeShown) -> str:
    return f"/takedown/{notice.campaign_id}/notices/{notice.notice_id}"


@area.form("/takedown/replies/accept", operation="acceptStatement", again=replies)
def accept(page: Page) -> Response:
    """Move the notice by what the platform's statement says."""
    moved = accept_statement(page.service, page.caller, as_uuid(page.typed.text("reply")))
    return page.go(_page_of(moved), "statement_accepted_now")


@area.form("/takedown/{campaign_id}/notices/{notice_id}/replies", operation="takeReply", again=notice_page)
def record(page: Page) -> Response:
    """A reply to this notice that came by another way than mail."""
    campaign_id, notice_id = page.uuid("campaign_id"), page.uuid("notice_id")
    show_notice(page.service, page.caller, campaign_id, notice_id)
    text = page.typed.text
    given = reply.written(
        1,
        sender=text("sender"),
        subject=text("subject"),
        text=text("text"),
        message_id="",
        said_at=moment(page, "said_at"),
    )
    given = replace(given, names=reply.named(str(notice_id)))
    (taken,) = take_replies(page.service, page.caller, [given], "api").replies
    if taken.state == "known":
        raise ReplyKnown("That reply is there already.")
    if taken.state != "matched":
        raise ReplyUnmatched("The notice was not sent.")
    return page.go(f"/takedown/{campaign_id}/notices/{notice_id}", "reply_recorded")
