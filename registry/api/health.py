"""GET /health/live and /health/ready: the only addresses that need no key."""

from __future__ import annotations

from fastapi import APIRouter

from registry.actions.check_readiness import check_readiness
from registry.api import examples, models
from registry.api.access import ServiceOf
from registry.api.documentation import answer
from registry.api.problems import RETRY_SECONDS
from registry.api.responses import Json

router = APIRouter(tags=["health"])


@router.get(
    "/health/live",
    operation_id="isLive",
    summary="Is the process alive?",
    responses=answer(200, models.Live, "It is."),
    openapi_extra={"security": []},
)
async def is_live() -> Json:
    """Answers as long as the process does; asks nothing else. Restart it where this fails."""
    return Json({"live": True})


@router.get(
    "/health/ready",
    operation_id="isReady",
    summary="Can it do its work?",
    responses=answer(200, models.Readiness, "It can.")
    | answer(503, models.Readiness, "It cannot now; `checks` say why.", example=examples.NOT_READY),
    openapi_extra={"security": []},
)
def is_ready(service: ServiceOf) -> Json:
    """Whether database, schema and broker are there. Send no traffic where this fails."""
    found = check_readiness(service)
    if found["ready"]:
        return Json(found)
    return Json(found, status_code=503, headers={"Retry-After": str(RETRY_SECONDS)})
