"""What came back to notices."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path, Query
from pydantic import TypeAdapter

from registry.catalogue.media.api import Body, receive
from registry.core.http import bodies, documentation, received
from registry.core.http.documentation import answer, problems
from registry.core.http.paging import After, PageSize
from registry.core.http.received import JsonBytes
from registry.core.http.responses import Json
from registry.identity.callers.api.access import CallerOf, ServiceOf
from registry.takedown.delivery import schemas as models
from registry.takedown.delivery.api import identity, moment
from registry.takedown.replies.model import reply
from registry.takedown.replies.model.reply import State
from registry.takedown.replies.service.replies import list_replies, match_reply, take_mailbox, take_replies

router = APIRouter(tags=["takedown"])

_REPLY: Final = TypeAdapter(models.NewReply)
_MATCHING: Final = TypeAdapter(models.NewMatching)
MBOX: Final = "application/mbox"
EML: Final = "message/rfc822"
_SHOWN: Final = {
    MBOX: {"schema": {"type": "string", "format": "binary"}, "example": "From legal@… Sat Jan 31 …\n"},
    EML: {"schema": {"type": "string", "format": "binary"}, "example": "From: legal@…\n\nIt was removed.\n"},
}
Mail = Annotated[Body, Depends(receive(MBOX, EML))]
ReplyId = Annotated[str, Path(json_schema_extra={"format": "uuid"})]


@router.post(
    "/v1/replies",
    operation_id="takeReply",
    summary="Record a reply",
    responses=answer(200, models.TakenReplies, "What became of it.") | problems(400, 401, 403, 413, 415),
    openapi_extra=documentation.body(documentation.json_body(models.NewReply)),
)
def take(service: ServiceOf, caller: CallerOf, raw: JsonBytes) -> Json:
    """Needs role `takedown`. Matched where it names exactly one notice that was sent; else it waits for a
    person. It moves no notice: say what it means by moving that."""
    said = received.checked(bodies.parse(raw), _REPLY)
    given = reply.written(
        1,
        sender=said.sender,
        subject=f"{said.subject} {said.reference}".strip(),
        text=said.text,
        message_id=said.message_id,
        said_at=None if said.said_at is None else moment(said.said_at, "said_at"),
    )
    return Json(take_replies(service, caller, [given], "api"))


@router.post(
    "/v1/replies/mailbox",
    operation_id="takeMailbox",
    summary="Take in a mailbox file, or one message",
    responses=answer(200, models.TakenReplies, "What became of each message.")
    | problems(400, 401, 403, 408, 413, 415),
    openapi_extra=documentation.body(_SHOWN),
)
def mailbox(service: ServiceOf, caller: CallerOf, body: Mail) -> Json:
    """Needs role `takedown`. A message is matched by our Message-ID in its thread, the FP-… reference or the
    notice's number, where these name exactly one notice; else it waits for a person. What is there already
    stays as it is."""
    return Json(take_mailbox(service, caller, body.raw))


@router.get(
    "/v1/replies",
    operation_id="listReplies",
    summary="What came back",
    responses=answer(200, models.NoticeReplyPage, "Newest first.") | problems(400, 401, 403, 404),
)
def replies(
    service: ServiceOf,
    caller: CallerOf,
    state: Annotated[State | None, Query()] = None,
    notice_id: Annotated[str | None, Query(max_length=36)] = None,
    limit: PageSize = 50,
    after: After = None,
) -> Json:
    """Needs role `takedown`. Those that are `unmatched` wait for a person."""
    wanted = None if notice_id is None else identity(notice_id, "Notice")
    page = list_replies(service, caller, state=state, notice_id=wanted, limit=limit, after=after or None)
    return Json(page)


@router.post(
    "/v1/replies/{reply_id}",
    operation_id="matchReply",
    summary="Say which notice a reply answers, or that it is none",
    responses=answer(200, models.NoticeReply, "The reply.") | problems(400, 401, 403, 404, 409, 413, 415),
    openapi_extra=documentation.body(documentation.json_body(models.NewMatching)),
)
def match(service: ServiceOf, caller: CallerOf, reply_id: ReplyId, raw: JsonBytes) -> Json:
    """Needs role `takedown`."""
    said = received.checked(bodies.parse(raw), _MATCHING)
    wanted = None if said.notice_id is None else identity(said.notice_id, "Notice")
    return Json(match_reply(service, caller, received.identifier(reply_id, "Reply"), wanted))
