"""Letters of notices: preview, send, print, record the delivery, retract."""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.responses import Response

from registry.core.http import documentation
from registry.core.http.documentation import answer, problems
from registry.core.http.paging import After, PageSize
from registry.core.http.responses import Json
from registry.core.http.schemas import PathId, identifier, parse_time
from registry.identity.callers.api.access import CallerOf, Route, ServiceOf
from registry.takedown.campaigns.api import CampaignId
from registry.takedown.delivery import schemas as models
from registry.takedown.delivery.model.delivery import DeliveryFilter, Status, Way
from registry.takedown.delivery.service.deliveries import (
    decide_delivery,
    list_notice_deliveries,
    show_notice_delivery,
)
from registry.takedown.delivery.service.retraction import retract_notices
from registry.takedown.delivery.service.sending import Form, preview_letter, send_notices
from registry.takedown.notices.api import NoticeId
from registry.takedown.notices.service.notices import print_notice

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


@router.post(
    "/v1/campaigns/{campaign_id}/send",
    operation_id="sendNotices",
    summary="Send ready notices, or preview their letters",
    responses=answer(200, models.Sending, "The route of each notice, or its hindrances.")
    | problems(404, 409),
)
def send(service: ServiceOf, caller: CallerOf, campaign_id: CampaignId, new: models.NewSending) -> Json:
    """Needs role `takedown`. In one commit each notice becomes `prepared`, gets its delivery, and its
    letter is fixed. A second call sends none of them again. Workers deliver by signed POST or by mail, to
    channels that the deployment has confirmed. Without a channel a notice stays `prepared` until a person
    has printed and delivered it, and reported that. If the result of an attempt is unknown, the delivery
    becomes `unsure` and waits for a person. `dry_run` changes nothing."""
    read = {identifier(id_, "Notice"): digest for id_, digest in (new.read or {}).items()}
    result = send_notices(
        service, caller, campaign_id, notice_ids=new.notice_ids, dry_run=new.dry_run, read=read
    )
    return Json(result)


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
        Form,
        Query(description="sent: as its channel sends it (mail, JSON, PDF); text: its words; pdf: on paper"),
    ] = "sent",
) -> Response:
    """Needs role `takedown`. Changes nothing. `sent` is byte for byte what will be sent, except for the
    time in a mail's Date and an API's timestamp."""
    letter = preview_letter(
        service,
        caller,
        campaign_id,
        notice_id,
        form,
    )
    disposition = f'inline; filename="{letter.reference}.{letter.ending}"'
    return Response(
        letter.content, media_type=letter.media_type, headers={"Content-Disposition": disposition}
    )


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
    filter_ = DeliveryFilter(status, channel)
    return Json(
        list_notice_deliveries(service, caller, campaign_id, filter_, limit=limit, after=after or None)
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
    service: ServiceOf, caller: CallerOf, notice_delivery_id: DeliveryId, new: models.NewDeliveryDecision
) -> Json:
    """Needs role `takedown`. For a delivery that is `unsure` or `dead`, or waits on paper. `delivered` is
    for one that was handed over and has a receipt."""
    row = decide_delivery(
        service,
        caller,
        notice_delivery_id,
        new.decision,
        at=None if new.at is None else parse_time(new.at, "at"),
        proof_sha256=new.proof_sha256,
    )
    return Json(row)


@router.get(
    "/v1/notice-deliveries/{notice_delivery_id}/letter",
    operation_id="printNotice",
    summary="Get a notice's letter for printing",
    response_class=Response,
    responses=_PRINTED | problems(400, 404, 409),
)
def letter(service: ServiceOf, caller: CallerOf, notice_delivery_id: DeliveryId) -> Response:
    """Needs role `takedown`. PDF/A, always the same bytes."""
    content = print_notice(service, caller, notice_delivery_id)
    return Response(content, media_type=PDF)


@router.post(
    "/v1/campaigns/{campaign_id}/retractions",
    operation_id="retractNotices",
    summary="Retract notices that were sent and closed",
    responses=answer(200, models.Retractions, "The retractions that were, or would be, sent.")
    | problems(404, 409),
)
def retract(
    service: ServiceOf, caller: CallerOf, campaign_id: CampaignId, new: models.NewRetractions
) -> Json:
    """Needs role `takedown`. A notice is retracted once per closing, by the channel of its delivery. Without
    `notice_ids`, only a dry run is possible."""
    result = retract_notices(service, caller, campaign_id, notice_ids=new.notice_ids, dry_run=new.dry_run)
    return Json(result)
