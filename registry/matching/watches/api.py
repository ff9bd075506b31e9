"""Watches: lookups that are answered again when similar media is registered."""

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
from registry.matching.watches.service.watches import change_watch_rules, end_watch, get_watch, list_watches

router = APIRouter(route_class=Route, tags=["watches"])

WatchId = Annotated[UUID, PathId("Watch")]


@router.get(
    "/v1/watches",
    operation_id="listWatches",
    summary="List your organization's watched lookups",
    responses=answer(200, models.WatchPage, "Newest first.") | problems(400),
)
def list_all(
    service: ServiceOf,
    caller: CallerOf,
    limit: PageSize = 50,
    after: After = None,
) -> Json:
    """Needs role `lookup`. Lookups sent with `watch_days` are watched."""
    return Json(list_watches(service, caller, limit=limit, after=after or None))


@router.get(
    "/v1/watches/{watch_id}",
    operation_id="showWatch",
    summary="Get a watched lookup and its new answers",
    responses=answer(200, models.WatchWithAnswers, "The watch.") | problems(404),
)
def show(service: ServiceOf, caller: CallerOf, watch_id: WatchId) -> Json:
    """Needs role `lookup`. Each verdict on an entry is listed once; the lookup's first answer is not
    repeated."""
    return Json(get_watch(service, caller, watch_id))


@router.delete(
    "/v1/watches/{watch_id}",
    operation_id="endWatch",
    summary="End a watch and delete its fingerprint",
    responses=answer(200, Deleted, "Gone.") | problems(404),
)
def end(service: ServiceOf, caller: CallerOf, watch_id: WatchId) -> Json:
    """Needs role `lookup`. The lookup's first answer stays."""
    end_watch(service, caller, watch_id)
    return Json({"deleted": True})


@router.patch(
    "/v1/watch-rules",
    operation_id="changeWatchRules",
    summary="Set how long lookups may be watched, and who is notified of matches",
    responses=answer(200, models.WatchRulesInForce, "The rules now in force."),
)
def rules(service: ServiceOf, caller: CallerOf, body: models.WatchRules) -> Json:
    """Needs role `admin`. An empty object changes nothing. Existing watches run to their end."""
    return Json(change_watch_rules(service, caller, body.model_dump(exclude_unset=True)))
