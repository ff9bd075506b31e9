"""Watches: lookups that are answered again by what is registered later."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter

from registry.core.http.documentation import answer, problems
from registry.core.http.paging import After, PageSize
from registry.core.http.responses import Json
from registry.core.http.schemas import Deleted, PathId
from registry.identity.callers.api.access import CallerOf, Route, ServiceOf
from registry.matching.watches import schemas as models
from registry.matching.watches.service.watches import change_watch_rules, end_watch, list_watches, show_watch

router = APIRouter(route_class=Route, tags=["watches"])

WatchId = Annotated[UUID, PathId("Watch")]


@router.get(
    "/v1/watches",
    operation_id="listWatches",
    summary="The watched lookups of your organization",
    responses=answer(200, models.WatchPage, "Newest first.") | problems(400, 401, 403),
)
def list_all(
    service: ServiceOf,
    caller: CallerOf,
    limit: PageSize = 50,
    after: After = None,
) -> Json:
    """Needs role `lookup`. A lookup is watched where it was asked with `watch_days`."""
    return Json(list_watches(service, caller, limit=limit, after=after or None))


@router.get(
    "/v1/watches/{watch_id}",
    operation_id="showWatch",
    summary="A watched lookup and its new answers",
    responses=answer(200, models.WatchWithAnswers, "The watch.") | problems(401, 403, 404),
)
def show(service: ServiceOf, caller: CallerOf, watch_id: WatchId) -> Json:
    """Needs role `lookup`. Each verdict on an entry is told once; what the lookup's own answer says is not
    told again."""
    return Json(show_watch(service, caller, watch_id))


@router.delete(
    "/v1/watches/{watch_id}",
    operation_id="endWatch",
    summary="End a watch and delete what is kept",
    responses=answer(200, Deleted, "Gone.") | problems(401, 403, 404),
)
def end(service: ServiceOf, caller: CallerOf, watch_id: WatchId) -> Json:
    """Needs role `lookup`. The lookup's own answer stays."""
    end_watch(service, caller, watch_id)
    return Json({"deleted": True})


@router.patch(
    "/v1/watch-rules",
    operation_id="changeWatchRules",
    summary="How long your lookups may be watched, and who is told of their matches",
    responses=answer(200, models.WatchRulesInForce, "The rules as they are then.")
    | problems(400, 401, 403, 413, 415),
)
def rules(service: ServiceOf, caller: CallerOf, said: models.WatchRules) -> Json:
    """Needs role `admin`. An empty object changes nothing. Watches that are there stay until their end."""
    return Json(change_watch_rules(service, caller, said.model_dump(exclude_unset=True)))
