"""Evidence about notices, for courts."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Query
from starlette.responses import Response

from registry.actions.bundle_evidence import bundle_evidence
from registry.api import documentation, received
from registry.api.access import CallerOf, ServiceOf
from registry.api.campaigns import CampaignId
from registry.api.documentation import problems

router = APIRouter(tags=["takedown"])

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
    summary="Evidence about a campaign's notices, signed, to be checked offline",
    response_class=Response,
    responses=_BUNDLE | problems(401, 403, 404, 409, 413),
)
def bundle(
    service: ServiceOf,
    caller: CallerOf,
    campaign_id: CampaignId,
    notice_id: Annotated[
        str | None, Query(json_schema_extra={"format": "uuid"}, description="only this one")
    ] = None,
) -> Response:
    """Needs role `takedown`. A ZIP: a report to be read (PDF), what was found and done, each act with the
    proof that it is in the ledger, fingerprints without faces, letters and replies, the digests of all
    exhibits, and a manifest that the ledger's key has signed. The same bytes as long as nothing has changed.
    `fakeprint verify` checks it without a network. It holds names and addresses of the client."""
    campaign = received.identifier(campaign_id, "Campaign")
    one = received.identifier(notice_id, "Notice") if notice_id is not None else None
    made = bundle_evidence(service, caller, campaign, notice_id=one)
    headers = {"Content-Disposition": f'attachment; filename="evidence-{one or campaign}.zip"'}
    return Response(made, media_type=ZIP, headers=headers)
