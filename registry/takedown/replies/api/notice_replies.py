"""Replies to notices."""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from registry.catalogue.media.api import Body, receive
from registry.core.http import documentation
from registry.core.http.documentation import answer, problems
from registry.core.http.paging import After, PageSize
from registry.core.http.responses import Json
from registry.core.http.schemas import PathId, identifier, parse_time
from registry.identity.callers.api.access import CallerOf, Route, ServiceOf
from registry.takedown.replies import schemas as models
from registry.takedown.replies.model import reply
from registry.takedown.replies.model.reply import State
from registry.takedown.replies.service.replies import (
    import_mailbox,
    import_replies,
    list_replies,
    match_reply,
)

router = APIRouter(route_class=Route, tags=["takedown"])

MBOX: Final = "application/mbox"
EML: Final = "message/rfc822"
_SHOWN: Final = {
    MBOX: {"schema": {"type": "string", "format": "binary"}, "example": "From legal@… Sat Jan 31 …\n"},
    EML: {"schema": {"type": "string", "format": "binary"}, "example": "From: legal@…\n\nIt was removed.\n"},
}
Mail = Annotated[Body, Depends(receive(MBOX, EML))]
ReplyId = Annotated[UUID, PathId("Reply")]


@router.post(
    "/v1/replies",
    operation_id="takeReply",
    summary="Record a reply",
    responses=answer(200, models.TakenReplies, "The result."),
)
def record(service: ServiceOf, caller: CallerOf, new: models.NewReply) -> Json:
    """Needs role `takedown`. Matched if it names exactly one sent notice; otherwise it waits for a person.
    It does not change the notice: record the result as a move."""
    parsed = reply.written(
        1,
        sender=new.sender,
        subject=f"{new.subject} {new.reference}".strip(),
        text=new.text,
        message_id=new.message_id,
        said_at=None if new.said_at is None else parse_time(new.said_at, "said_at"),
    )
    return Json(import_replies(service, caller, [parsed], "api"))


@router.post(
    "/v1/replies/mailbox",
    operation_id="takeMailbox",
    summary="Import a mailbox file, or one message",
    responses=answer(200, models.TakenReplies, "The result of each message.") | problems(400, 408, 413, 415),
    openapi_extra=documentation.body(_SHOWN),
)
def mailbox(service: ServiceOf, caller: CallerOf, body: Mail) -> Json:
    """Needs role `takedown`. A message is matched if its thread's Message-ID, the FP-… reference or the
    notice's number names exactly one notice; otherwise it waits for a person. Messages imported before
    stay as they are."""
    return Json(import_mailbox(service, caller, body.raw))


@router.get(
    "/v1/replies",
    operation_id="listReplies",
    summary="List replies",
    responses=answer(200, models.NoticeReplyPage, "Newest first.") | problems(400, 404),
)
def replies(
    service: ServiceOf,
    caller: CallerOf,
    state: Annotated[State | None, Query()] = None,
    notice_id: Annotated[str | None, Query(max_length=36)] = None,
    limit: PageSize = 50,
    after: After = None,
) -> Json:
    """Needs role `takedown`. Replies that are `unmatched` wait for a person."""
    about = None if notice_id is None else identifier(notice_id, "Notice")
    page = list_replies(service, caller, state=state, notice_id=about, limit=limit, after=after or None)
    return Json(page)


@router.post(
    "/v1/replies/{reply_id}",
    operation_id="matchReply",
    summary="Assign a reply to a notice, or dismiss it",
    responses=answer(200, models.NoticeReply, "The reply.") | problems(404, 409),
)
def match(service: ServiceOf, caller: CallerOf, reply_id: ReplyId, new: models.NewMatching) -> Json:
    """Needs role `takedown`."""
    return Json(match_reply(service, caller, reply_id, new.notice_id))
