"""GET /metrics."""

from __future__ import annotations

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import PlainTextResponse, Response

from registry.api.access import CallerOf, ServiceOf
from registry.api.documentation import METRICS_ANSWER, problems
from registry.api.instruments import Instruments

router = APIRouter(tags=["service"])


@router.get(
    "/metrics",
    operation_id="readMetrics",
    summary="Measurements",
    response_class=PlainTextResponse,
    responses=METRICS_ANSWER | problems(401),
)
def read_metrics(request: Request, service: ServiceOf, _caller: CallerOf) -> Response:
    """Prometheus' text format: requests, lookups, stage timings, queues. Any valid key reads it."""
    instruments: Instruments = request.app.state.instruments
    return Response(instruments.text(service), media_type=CONTENT_TYPE_LATEST)
