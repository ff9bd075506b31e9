"""The record of searches for enrolled persons."""

from __future__ import annotations

from fastapi import APIRouter

from registry.core.http.documentation import answer, problems
from registry.core.http.paging import After, PageSize
from registry.core.http.responses import Json
from registry.identity.callers.api.access import CallerOf, Route, ServiceOf
from registry.persons import schemas as models
from registry.persons.search.service import list_face_searches

router = APIRouter(route_class=Route, tags=["persons"])


@router.get(
    "/v1/face-searches",
    operation_id="listFaceSearches",
    summary="List the searches for your organization's enrolled persons",
    responses=answer(200, models.FaceSearchPage, "Newest first.") | problems(400),
)
def list_all(
    service: ServiceOf,
    caller: CallerOf,
    limit: PageSize = 50,
    after: After = None,
) -> Json:
    """Needs the scope `faces` and role `review`. Lists every search, also without a result: of files that
    callers with the scope `faces` looked up, and of media that your organization registered."""
    return Json(list_face_searches(service, caller, limit=limit, after=after or None))
