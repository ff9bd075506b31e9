"""Exports and statistics of notices."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from registry.core.http import documentation
from registry.core.http.documentation import answer, problems
from registry.core.http.responses import Json
from registry.core.http.streaming import Streamed
from registry.identity.callers.api.access import CallerOf, Route, ServiceOf, key_of
from registry.identity.callers.service.keys import authenticate
from registry.takedown.campaigns.api import CampaignId
from registry.takedown.notices.model.notice_table import COLUMNS, Format
from registry.takedown.reports import schemas as models
from registry.takedown.reports.model import By
from registry.takedown.reports.service import MEDIA_TYPES, export_notices, report_statistics

router = APIRouter(route_class=Route, tags=["takedown"])

_ACCEPTED: Final[tuple[Format, ...]] = ("csv", "xlsx", "jsonl")
Zone = Annotated[str, Query(max_length=50, description="such as Europe/Madrid")]
_EXPORT: Final[documentation.Responses] = {
    200: {
        "description": "The notices, oldest first.",
        "content": {
            MEDIA_TYPES["csv"]: {"schema": {"type": "string"}, "example": ",".join(COLUMNS) + "\r\n"},
            MEDIA_TYPES["xlsx"]: {"schema": {"type": "string", "format": "binary"}, "example": "PK…"},
            MEDIA_TYPES["jsonl"]: {
                "schema": {"type": "object"},
                "example": '{"notice_id":"7a1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f11","state":"removed"}\n',
            },
        },
    }
}


@router.get(
    "/v1/campaigns/{campaign_id}/export",
    operation_id="exportNotices",
    summary="Export a campaign's notices as a table, or in Lumen's format",
    response_class=Response,
    responses=_EXPORT | problems(400, 404, 409, 413),
)
def export(
    request: Request,
    service: ServiceOf,
    caller: CallerOf,
    campaign_id: CampaignId,
    written_as: Annotated[
        Format | None, Query(alias="format", description="absent: by `Accept`, else csv")
    ] = None,
    zone: Zone = "UTC",
    recipient: Annotated[
        str | None,
        Query(max_length=100, description="with `lumen`: shows what was released to this recipient"),
    ] = None,
) -> Response:
    """Needs role `takedown`. No cell contains a formula; times are in `zone`, which is a column. `lumen`:
    one body of Lumen's `POST /notices.json` a line, for sent notices. Names, addresses and texts are
    redacted unless released to `recipient`. Each export is recorded."""
    form = written_as or _accepted(request.headers.get("accept", ""))
    pieces = export_notices(
        service, caller, campaign_id, format_=form, zone=zone, recipient=recipient or None
    )
    key = key_of(request)

    def still() -> None:
        authenticate(service, key).require("takedown")

    return Streamed(pieces, still, MEDIA_TYPES[form])


def _accepted(header: str) -> Format:
    """Return the first supported format that the header names. Weights are ignored."""
    accepted = [part.partition(";")[0].strip().lower() for part in header.split(",")]
    formats = {MEDIA_TYPES[form]: form for form in _ACCEPTED}
    return next((formats[part] for part in accepted if part in formats), "csv")


@router.get(
    "/v1/campaigns/{campaign_id}/statistics",
    operation_id="reportCampaign",
    summary="Get statistics of a campaign's notices",
    responses=answer(200, models.Figures, "The statistics.") | problems(400, 404),
)
def of_campaign(
    service: ServiceOf,
    caller: CallerOf,
    campaign_id: CampaignId,
    by: Annotated[By, Query()] = "total",
    zone: Zone = "UTC",
) -> Json:
    """Needs role `takedown`. Counts sendings: a notice that was reopened and sent again counts twice.
    Hours to removal run from delivery, over removed notices; `open` counts those that may still be
    removed. Breach rate is `late` of `judged`, without those open and in time."""
    return Json(report_statistics(service, caller, campaign_id=campaign_id, by=by, zone=zone))


@router.get(
    "/v1/statistics",
    operation_id="reportStatistics",
    summary="Get statistics of all your organization's notices",
    responses=answer(200, models.Figures, "The statistics.") | problems(400),
)
def of_all(
    service: ServiceOf, caller: CallerOf, by: Annotated[By, Query()] = "total", zone: Zone = "UTC"
) -> Json:
    """Needs role `takedown`. As for one campaign."""
    return Json(report_statistics(service, caller, by=by, zone=zone))
