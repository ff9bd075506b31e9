"""GET /health/live and /health/ready. They need no key."""

from __future__ import annotations

import asyncio
import time
from typing import Any, Final

import anyio
import anyio.to_thread
from fastapi import APIRouter, Request

from registry.app.service.check_readiness import check_readiness
from registry.core.http.documentation import answer
from registry.core.http.problems import RETRY_SECONDS
from registry.core.http.responses import Json
from registry.core.service import Service
from registry.identity.callers.api.access import Route, ServiceOf
from registry.operations import schemas as service_models

router = APIRouter(route_class=Route, tags=["health"])

FRESH_SECONDS: Final = 1.0

_NOT_READY: Final[dict[str, Any]] = {
    "ready": False,
    "checks": {
        "database": {"ok": False, "detail": "The database cannot be reached."},
        "broker": {"ok": True, "detail": None},
        "blobs": {"ok": True, "detail": None},
    },
}


class Probe:
    """Checks readiness, one check at a time and at most once a second.

    Anybody may call it, and while the database is away each check takes seconds. Without the limit, many
    calls would occupy all threads. It has its own thread, so it also answers while all others are busy.
    """

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._thread = anyio.CapacityLimiter(1)
        self._found: service_models.Readiness | None = None
        self._stale_at = 0.0

    async def check(self, service: Service) -> service_models.Readiness:
        """Return the result of `check_readiness`, at most one second old."""
        async with self._turn:
            if self._found is None or time.monotonic() >= self._stale_at:
                self._found = await anyio.to_thread.run_sync(check_readiness, service, limiter=self._thread)
                self._stale_at = time.monotonic() + FRESH_SECONDS
            return self._found


@router.get(
    "/health/live",
    operation_id="isLive",
    summary="Is the process alive?",
    responses=answer(200, service_models.Live, "It is."),
    openapi_extra={"security": []},
)
async def is_live() -> Json:
    """Answers as long as the process runs, and checks nothing else. Restart the process if this fails."""
    return Json({"live": True})


@router.get(
    "/health/ready",
    operation_id="isReady",
    summary="Is the service ready?",
    responses=answer(200, service_models.Readiness, "It is ready.")
    | answer(503, service_models.Readiness, "It is not ready; `checks` say why.", example=_NOT_READY),
    openapi_extra={"security": []},
)
async def is_ready(request: Request, service: ServiceOf) -> Json:
    """Checks that the database and its schema are there, or a replica that answers lookups while the
    primary database is away. With a replica alone, all requests but lookups of documents, digests and
    hashes get 503. Send no traffic while this fails. The service is ready without `broker`: registrations
    wait, and lookups of files get 202. It is ready without `blobs` too: only requests with a file get 503."""
    probe: Probe = request.app.state.probe
    readiness = await probe.check(service)
    if readiness.ready:
        return Json(readiness)
    return Json(readiness, status_code=503, headers={"Retry-After": str(RETRY_SECONDS)})
