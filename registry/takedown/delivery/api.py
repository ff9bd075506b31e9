"""Letters of notices: read before, sent, printed, handed over, delivered; what became of them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.responses import Response

from registry.core.errors import BadTime
from registry.core.http import documentation
from registry.core.http.documentation import answer, problems
from registry.core.http.paging import After, PageSize
from registry.core.http.responses import Json
from registry.core.http.schemas import PathId, identifier
from registry.identity.callers.api.access import CallerOf, Route, ServiceOf
from registry.takedown.campaigns.api import CampaignId
from registry.takedown.delivery import schemas as models
from registry.takedown.delivery.model.delivery import DeliveryFilter, Status, Way
from registry.takedown.delivery.service.deliveries import (
    decide_delivery,
    list_notice_deliveries,
    show_notice_delivery,
)
from registry.takedown.delivery.service.sending import Form, preview_letter, send_notices
from registry.takedown.notices.api import NoticeId
from registry.takedown.notices.service.breaches import draft_escalation, report_breaches
from registry.takedown.notices.service.notices import print_notice
from registry.takedown.recurrences.service.recurrences import reopen_notice

router = APIRouter(route_class=Route, tags=["takedown"])

PDF: Final = "application/pdf"
_PRINTED: Final[documentation.Responses] = {
    200: {
        "description": "The letter.",
        "content": {PDF: {"schema": {"type": "string", "format": "binary"}, "example": "%PDF-1.7 …"}},
    }
}
_PREVIEWED: Final[documentation.Responses] = {
    200: {
        "description": "The letter.",
        "content": {
            kind: {"schema": {"type": "string", "format": "binary"}, "example": example}
            for kind, example in (
                (PDF, "%PDF-1.7 …"),
                ("message/rfc822", "From: …"),
                ("text/plain", "To: Telegram …"),
                ("application/json", '{"type": "takedown.notice", …}'),
            )
        },
    }
}

DeliveryId = Annotated[UUID, PathId("Delivery")]


def moment(text: str, field: str) -> datetime:
    """A time with its offset. Raises `BadInput` (`bad_time`)."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise BadTime(f"`{field}` is a time such as 2026-01-31T09:30:00+00:00, with its offset.")
    return found


@router.post(
    "/v1/campaigns/{campaign_id}/send",
    operation_id="sendNotices",
    summary="Send ready notices, or preview their letters",
    responses=answer(200, models.Sending, "What goes where, and what hindered the rest.")
    | problems(404, 409),
)
def send(service: ServiceOf, caller: CallerOf, campaign_id: CampaignId, said: models.NewSending) -> Json:
    """Needs role `takedown`. In one commit each notice becomes `prepared`, gets its delivery, and its
    letter is fixed. A second call sends none of them again. Workers deliver by signed POST or by mail, to
    channels that the deployment has confirmed. Without a channel a notice stays `prepared` until a person
    has printed and delivered it, and reported that. If the result of an attempt is unknown, the delivery
    becomes `unsure` and waits for a person. `dry_run` changes nothing."""
    read = {identifier(id_, "Notice"): digest for id_, digest in (said.read or {}).items()}
    sent = send_notices(
        service, caller, campaign_id, notice_ids=said.notice_ids, dry_run=said.dry_run, read=read
    )
    return Json(sent)


@router.get(
    "/v1/campaigns/{campaign_id}/notices/{notice_id}/letter",
    operation_id="previewLetter",
    summary="Preview the letter of a notice",
    response_class=Response,
    responses=_PREVIEWED | problems(400, 404, 409),
)
def preview(
    service: ServiceOf,
    caller: CallerOf,
    campaign_id: CampaignId,
    notice_id: NoticeId,
    form: Annotated[
        Form, Query(description="sent: by its channel, as mail, JSON or PDF; text: its words; pdf: on paper")
    ] = "sent",
) -> Response:
    """Needs role `takedown`. Changes nothing. `sent` is byte for byte what will be sent, except for the
    time in a mail's Date and an API's timestamp."""
    made = preview_letter(
        service,
        caller,
        campaign_id,
        notice_id,
        form,
    )
    named = f'inline; filename="{made.reference}.{made.ending}"'
    return Response(made.content, media_type=made.media_type, headers={"Content-Disposition": named})


@router.get(
    "/v1/campaigns/{campaign_id}/deliveries",
    operation_id="listNoticeDeliveries",
    summary="List a campaign's deliveries",
    responses=answer(200, models.NoticeDeliveryPage, "Oldest first.") | problems(400, 404),
)
def deliveries(
    service: ServiceOf,
    caller: CallerOf,
    campaign_id: CampaignId,
    status: Annotated[Status | None, Query()] = None,
    channel: Annotated[Way | None, Query(description="paper and waiting: to be printed")] = None,
    limit: PageSize = 50,
    after: After = None,
) -> Json:
    """Needs role `takedown`."""
    wanted = DeliveryFilter(status, channel)
    return Json(
        list_notice_deliveries(service, caller, campaign_id, wanted, limit=limit, after=after or None)
    )


@router.get(
    "/v1/notice-deliveries/{notice_delivery_id}",
    operation_id="showNoticeDelivery",
    summary="Get a delivery with its attempts",
    responses=answer(200, models.NoticeDeliveryWithAttempts, "The delivery.") | problems(404),
)
def delivery(service: ServiceOf, caller: CallerOf, notice_delivery_id: DeliveryId) -> Json:
    """Needs role `takedown`."""
    return Json(show_notice_delivery(service, caller, notice_delivery_id))


@router.post(
    "/v1/notice-deliveries/{notice_delivery_id}",
    operation_id="decideNoticeDelivery",
    summary="Report the result of a delivery, or send or print it again",
    responses=answer(200, models.NoticeDelivery, "The delivery.") | problems(404, 409),
)
def decide(
    service: ServiceOf, caller: CallerOf, notice_delivery_id: DeliveryId, said: models.NewDeliveryDecision
) -> Json:
    """Needs role `takedown`. For a delivery that is `unsure` or `dead`, or waits on paper. `delivered` is
    for one that was handed over and has a receipt."""
    found = decide_delivery(
        service,
        caller,
        notice_delivery_id,
        said.decision,
        at=None if said.at is None else moment(said.at, "at"),
        proof_sha256=said.proof_sha256,
    )
    return Json(found)


@router.get(
    "/v1/notice-deliveries/{notice_delivery_id}/letter",
    operation_id="printNotice",
    summary="Get a notice's letter for printing",
    response_class=Response,
    responses=_PRINTED | problems(400, 404, 409),
)
def letter(service: ServiceOf, caller: CallerOf, notice_delivery_id: DeliveryId) -> Response:
    """Needs role `takedown`. PDF/A, always the same bytes."""
    made = print_notice(service, caller, notice_delivery_id)
    return Response(made, media_type=PDF)


@router.post(
    "/v1/campaigns/{campaign_id}/found",
    operation_id="reopenNotice",
    summary="Report that removed content is back",
    responses=answer(200, models.ReopenedNotice, "The notice, about its new place.") | problems(404, 409),
)
def found_again(service: ServiceOf, caller: CallerOf, campaign_id: CampaignId, said: models.NewFind) -> Json:
    """Needs role `takedown`. The proof is a lookup of the content at `url`: it must match an entry of the
    campaign that this platform had removed. A person confirms the match before the notice is sent again."""
    found = reopen_notice(
        service,
        caller,
        campaign_id,
        url=said.url,
        lookup_id=said.lookup_id,
        notice_id=said.notice_id,
    )
    return Json(found)


@router.get(
    "/v1/breaches",
    operation_id="reportBreaches",
    summary="List missed deadlines by platform",
    responses=answer(200, models.BreachReport, "The latest first, 10,000 at most.") | problems(400, 404),
)
def breaches(
    service: ServiceOf,
    caller: CallerOf,
    campaign_id: Annotated[str | None, Query(max_length=36)] = None,
    platform: Annotated[str | None, Query(max_length=253)] = None,
    since: Annotated[str | None, Query(max_length=40, description="ISO 8601 with its offset")] = None,
) -> Json:
    """Needs role `takedown`. `breach`: the deadline is set by law; `overdue`: it is not. Time runs from
    the delivery to the platform."""
    report = report_breaches(
        service,
        caller,
        campaign_id=None if campaign_id is None else identifier(campaign_id, "Campaign"),
        platform=platform,
        since=None if since is None else moment(since, "since"),
    )
    return Json(report)


@router.get(
    "/v1/campaigns/{campaign_id}/notices/{notice_id}/escalation",
    operation_id="draftEscalation",
    summary="Get a draft complaint about a missed deadline",
    responses=answer(200, models.Escalation, "For a person to complete and send.") | problems(400, 404, 409),
)
def escalation(
    service: ServiceOf,
    caller: CallerOf,
    campaign_id: CampaignId,
    notice_id: NoticeId,
    language: Annotated[str | None, Query(pattern="^(en|es|fr|ar)$")] = None,
) -> Json:
    """Needs role `takedown`. In the campaign's language unless another is given."""
    return Json(draft_escalation(service, caller, campaign_id, notice_id, language))
