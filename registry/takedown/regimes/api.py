"""Legal regimes and their requirements."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from registry.core.http.documentation import answer, problems
from registry.core.http.responses import Json
from registry.identity.callers.api.access import CallerOf, Route, ServiceOf
from registry.takedown.regimes import schemas as models
from registry.takedown.regimes.service import list_regimes

router = APIRouter(route_class=Route, tags=["takedown"])


@router.get(
    "/v1/regimes",
    operation_id="listRegimes",
    summary="List legal regimes and their requirements",
    responses=answer(200, models.RegimeList, "Ordered by id.") | problems(400),
)
def regimes(
    service: ServiceOf,
    caller: CallerOf,
    language: Annotated[Literal["en", "es", "fr", "ar"], Query(description="language of the texts")] = "en",
) -> Json:
    """Needs role `takedown`. The built-in regimes and those of the deployment (FAKEPRINT_REGIMES):
    required elements by the ids that campaigns and notices use, questions, signatories, deadlines and
    laws."""
    return Json(list_regimes(service, caller, language))
