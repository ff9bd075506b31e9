"""GET /metrics."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import PlainTextResponse, Response

from registry.core.database.pool import PATIENCE
from registry.core.http.documentation import Responses
from registry.identity.callers.api.access import ServiceOf
from registry.operations.api.scraping import SHORT_PATIENCE, MetricsReader

router = APIRouter(tags=["service"])


async def _is_admitted(request: Request) -> bool:
    """Return whether the database knows the scraper's key."""
    metrics_reader: MetricsReader = request.app.state.metrics_reader
    return await metrics_reader.admit(request)


_EXAMPLE: Final = """\
# HELP fakeprint_lookups_total Lookups, by what was given and the verdict.
# TYPE fakeprint_lookups_total counter
fakeprint_lookups_total{input="document",verdict="known_fake"} 3.0
"""
_ANSWER: Final[Responses] = {
    200: {
        "description": "The measurements.",
        "content": {"text/plain": {"schema": {"type": "string"}, "example": _EXAMPLE}},
    }
}


@router.get(
    "/metrics",
    operation_id="readMetrics",
    summary="Metrics",
    response_class=PlainTextResponse,
    responses=_ANSWER,
)
async def read_metrics(
    request: Request, service: ServiceOf, admitted: Annotated[bool, Depends(_is_admitted)]
) -> Response:
    """Prometheus' text format: requests, lookups, stage durations, queues. Needs any valid key. While the
    database is away, keys that read it within the last day still can."""
    metrics_reader: MetricsReader = request.app.state.metrics_reader
    text = await metrics_reader.text(service, patience=PATIENCE if admitted else SHORT_PATIENCE)
    return Response(text, media_type=CONTENT_TYPE_LATEST)
