"""What each legal regime asks for."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from registry.core.http.documentation import answer, problems
from registry.core.http.responses import Json
from registry.identity.callers.api.access import CallerOf, Route, ServiceOf
from registry.takedown.campaigns import schemas as models
from registry.takedown.regimes.service import list_regimes

router = APIRouter(route_class=Route, tags=["takedown"])


@router.get(
    "/v1/regimes",
    operation_id="listRegimes",
    summary="What each legal regime asks for",
    responses=answer(200, models.RegimeList, "By their ids.") | problems(400, 401, 403),
)
def regimes(
    service: ServiceOf,
    caller: CallerOf,
    language: Annotated[Literal["en", "es", "fr", "ar"], Query(description="Of the texts")] = "en",
) -> Json:
    """Needs role `takedown`. The program's own, and those of the deployment (FAKEPRINT_REGIMES): elements by
    the ids under which campaigns and notices say them, questions, who may sign, when it is due, by which
    law."""
    return Json(list_regimes(service, caller, language))
