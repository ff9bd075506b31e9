"""Evidence about notices, for courts."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response, StreamingResponse

from registry.catalogue.media.api import Body, receive
from registry.core.http import bodies, documentation, received
from registry.core.http.documentation import answer, problems
from registry.core.http.responses import Json
from registry.core.http.schemas import identifier, parse_time
from registry.identity.callers.api.access import CallerOf, Route, ServiceOf
from registry.takedown.campaigns.api import CampaignId
from registry.takedown.errors import BadExhibit
from registry.takedown.evidence import schemas as models
from registry.takedown.evidence.model.exhibit import Exhibit
from registry.takedown.evidence.service.bundles import Readers, bundle_evidence, disclose_evidence
from registry.takedown.evidence.service.exhibits import add_exhibit, list_exhibits
from registry.takedown.notices.api import NoticeId

router = APIRouter(route_class=Route, tags=["takedown"])

ZIP: Final = "application/zip"
_BUNDLE: Final[documentation.Responses] = {
    200: {
        "description": "The archive.",
        "content": {ZIP: {"schema": {"type": "string", "format": "binary"}, "example": "PK …"}},
    }
}


@router.get(
    "/v1/campaigns/{campaign_id}/bundle",
    operation_id="bundleEvidence",
    summary="Get a signed evidence bundle for offline verification",
    response_class=Response,
    responses=_BUNDLE | problems(400, 404, 409, 413, 503),
)
def bundle(
    service: ServiceOf,
    caller: CallerOf,
    campaign_id: CampaignId,
    notice_id: Annotated[
        str | None, Query(json_schema_extra={"format": "uuid"}, description="only this notice")
    ] = None,
    time_stamp: Annotated[
        bool, Query(description="false: no time stamp, if the authority does not answer")
    ] = True,
) -> Response:
    """Needs role `takedown`. A ZIP with a report (PDF), findings, all acts with their ledger proofs,
    fingerprints without faces, letters, replies and the digests of all exhibits. Its manifest is signed by
    the ledger's key and, if the deployment has a time-stamping authority (RFC 3161), time-stamped. The
    bytes stay the same as long as nothing changes. `fakeprint verify` checks it without a network. It
    contains names and addresses of the client."""
    notice = identifier(notice_id, "Notice") if notice_id is not None else None
    archive = bundle_evidence(service, caller, campaign_id, notice_id=notice, stamp=time_stamp)
    return Response(archive, media_type=ZIP, headers=_named(str(notice or campaign_id)))


@router.post(
    "/v1/campaigns/{campaign_id}/bundle",
    operation_id="discloseEvidence",
    summary="Get an evidence bundle with media, encrypted for recipients",
    response_class=Response,
    responses=_BUNDLE | problems(404, 409, 503),
)
def disclose(
    service: ServiceOf, caller: CallerOf, campaign_id: CampaignId, new: models.NewDisclosure
) -> Response:
    """Needs role `takedown`. Adds stored media of your own entries, stored exhibits and C2PA manifests with
    pictures, each encrypted by age (age-encryption.org) for the `recipients`. media.json holds their
    digests before and after encryption. The disclosure is recorded. Media that may show a minor sexually
    are never included: `minor_protection`. Encryption differs each time, so the bytes do too."""
    notice = new.notice_id
    readers = Readers(new.recipients, new.identity)
    pieces = disclose_evidence(service, caller, campaign_id, readers, notice_id=notice, stamp=new.time_stamp)
    return StreamingResponse(pieces, media_type=ZIP, headers=_named(str(notice or campaign_id)))


@router.post(
    "/v1/campaigns/{campaign_id}/notices/{notice_id}/exhibits",
    operation_id="addExhibit",
    summary="Add an exhibit to a notice",
    responses=answer(200, models.Exhibits, "The exhibits, with this one.") | problems(404, 409),
    openapi_extra=documentation.body(documentation.json_body(models.NewExhibit)),
)
def add(
    service: ServiceOf,
    caller: CallerOf,
    campaign_id: CampaignId,
    notice_id: NoticeId,
    body: Annotated[Body, Depends(receive(bodies.JSON))],
) -> Json:
    """Needs role `takedown`. A screenshot, or the media found there, by its SHA-256. The file is stored
    only if it is sent as `content`. Who added it and when is recorded; the same file twice is one exhibit."""
    new = received.checked(bodies.parse(body.raw), models.NewExhibit.model_validate)
    made_at: datetime | None = parse_time(new.made_at, "made_at") if new.made_at else None
    exhibit = Exhibit(new.kind, new.sha256, new.bytes, new.name, new.note, made_at, _content(new.content))
    return Json(add_exhibit(service, caller, campaign_id, notice_id, exhibit))


@router.get(
    "/v1/campaigns/{campaign_id}/notices/{notice_id}/exhibits",
    operation_id="listExhibits",
    summary="List the exhibits of a notice",
    responses=answer(200, models.Exhibits, "Oldest first.") | problems(404),
)
def list_all(service: ServiceOf, caller: CallerOf, campaign_id: CampaignId, notice_id: NoticeId) -> Json:
    """Needs role `takedown`."""
    return Json(list_exhibits(service, caller, campaign_id, notice_id))


def _content(encoded: str | None) -> bytes | None:
    if encoded is None:
        return None
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise BadExhibit("`content` is a file in base64.") from None


def _named(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="evidence-{name}.zip"'}
