"""Pages of replies: import them, match them with notices, and accept statements of reasons."""

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
from registry.takedown.replies.model import mail, reply
from registry.takedown.replies.model.reply import State
from registry.takedown.replies.schemas import TakenReplies, TakenStatements
from registry.takedown.replies.service.replies import (
    import_mailbox,
    import_replies,
    list_replies,
    match_reply,
)
from registry.takedown.replies.service.statements_of_reasons import accept_statement, import_statements

PAGE: Final = 25
CANDIDATES: Final = 4
"""Maximum number of candidate notices shown with a reply: a hundred on a page."""
STATES: Final[tuple[State, ...]] = ("unmatched", "matched", "dismissed")


@area.page("/takedown/replies", operation="listReplies")
def replies(page: Page) -> Shown:
    """List replies with the notices that they may answer. By default, those that wait for a person."""
    return _shown(page, None)


def _shown(page: Page, taken: TakenReplies | TakenStatements | None) -> Shown:
    query = page.query("state", "unmatched")
    state: State | None = next((state for state in STATES if state == query), None)
    after = page.query("after") or None
    shown = list_replies(page.service, page.caller, state=state, limit=PAGE, after=after)
    rows = shown.replies
    notice_ids = [row.notice_id for row in rows if row.notice_id]
    notice_ids += [notice_id for row in rows for notice_id in row.candidates[:CANDIDATES]]
    notices = name_notices(page.service, page.caller, " ".join(notice_ids))
    return page.show(
        "takedown/replies/replies.html",
        replies=rows,
        notices={str(notice_id): notice for notice_id, notice in notices.items()},
        next=shown.next,
        state=state or "",
        taken=taken,
    )


@area.form("/takedown/replies", operation="takeMailbox", again=replies, files=1)
def import_mail(page: Page) -> Shown:
    """Import a mailbox file or one message, and show the result of each message."""
    return _shown(page, import_mailbox(page.service, page.caller, _file(page)))


@area.form("/takedown/replies/statements", operation="takeStatements", again=replies, files=1)
def import_reasons(page: Page) -> Shown:
    """Import a platform's statements of reasons, and show the result of each."""
    platform = page.typed.text("platform").strip() or None
    return _shown(page, import_statements(page.service, page.caller, _file(page), platform=platform))


def _file(page: Page) -> bytes:
    for file in page.files("file"):
        if file.size > mail.MOST_BYTES:
            raise TooLarge(f"A file has at most {mail.MOST_BYTES} bytes here.")
        return file.open().read()
    raise NoDocument("No file was chosen.")


@area.form("/takedown/replies/match", operation="matchReply", again=replies)
def match(page: Page) -> Response:
    """Match a reply with the named notice, or dismiss it and delete its content."""
    reply_id = as_uuid(page.typed.text("reply"))
    if page.typed.text("do") == "dismiss":
        match_reply(page.service, page.caller, reply_id, None)
        return page.go("/takedown/replies", "reply_dismissed_now")
    name = page.typed.text("named").strip() or page.typed.text("notice")
    notices = name_notices(page.service, page.caller, name)
    if len(notices) != 1:
        raise WhichNotice("Name one notice that was sent.")
    (notice_id,) = notices
    match_reply(page.service, page.caller, reply_id, notice_id)
    return page.go(_page_of(notices[notice_id]), "reply_matched")


def _page_of(notice: NamedNotice | NoticeShown) -> str:
    return f"/takedown/{notice.campaign_id}/notices/{notice.notice_id}"


@area.form("/takedown/replies/accept", operation="acceptStatement", again=replies)
def accept(page: Page) -> Response:
    """Move the notice as the platform's statement says."""
    moved = accept_statement(page.service, page.caller, as_uuid(page.typed.text("reply")))
    return page.go(_page_of(moved), "statement_accepted_now")


@area.form("/takedown/{campaign_id}/notices/{notice_id}/replies", operation="takeReply", again=notice_page)
def record(page: Page) -> Response:
    """Record a reply to this notice that did not come by mail."""
    campaign_id, notice_id = page.uuid("campaign_id"), page.uuid("notice_id")
    show_notice(page.service, page.caller, campaign_id, notice_id)
    text = page.typed.text
    new = reply.written(
        1,
        sender=text("sender"),
        subject=text("subject"),
        text=text("text"),
        message_id="",
        said_at=moment(page, "said_at"),
    )
    new = replace(new, names=reply.named(str(notice_id)))
    (result,) = import_replies(page.service, page.caller, [new], "api").replies
    if result.state == "known":
        raise ReplyKnown("That reply is stored already.")
    if result.state != "matched":
        raise ReplyUnmatched("The notice was not sent.")
    return page.go(f"/takedown/{campaign_id}/notices/{notice_id}", "reply_recorded")
