"""Opinions: those who matched an entry confirm or deny it."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from registry.catalogue.entries.api.entries import EntryId
from registry.core.http.documentation import answer, problems
from registry.core.http.paging import PageSize
from registry.core.http.responses import Json
from registry.core.http.schemas import PathId
from registry.identity.callers.api.access import CallerOf, Route, ServiceOf
from registry.review.opinions.service import entry_opinions, give_opinion, list_opinions
from registry.review.queue import schemas as models

router = APIRouter(route_class=Route, tags=["review"])

LookupId = Annotated[UUID, PathId("Lookup")]
After = Annotated[str | None, Query(max_length=400, description="`next` of the page before")]


@router.post(
    "/v1/lookups/{lookup_id}/opinions",
    operation_id="giveOpinion",
    summary="Say whether a match is right",
    responses=answer(200, models.GivenOpinion, "Kept.") | problems(404, 409),
)
def give(service: ServiceOf, caller: CallerOf, lookup_id: LookupId, new: models.NewOpinion) -> Json:
    """Needs role `lookup` in the organization that sent the lookup. One opinion per key and match; the
    last one counts. The entry's owner sees it. Three denials from two organizations send the entry to
    review. Opinions never change a tier."""
    return Json(give_opinion(service, caller, lookup_id, entry_id=new.entry_id, opinion=new.opinion))


@router.get(
    "/v1/entries/{entry_id}/opinions",
    operation_id="listEntryOpinions",
    summary="List opinions on an entry's matches",
    responses=answer(200, models.EntryOpinions, "Summed up, and one by one, oldest first.")
    | problems(400, 404),
)
def of_entry(
    service: ServiceOf,
    caller: CallerOf,
    entry_id: EntryId,
    limit: PageSize = 50,
    after: After = None,
) -> Json:
    """Needs role `register`, `review` or `admin` in the organization that owns the entry. Without the
    scope `signals`, confidence is rounded to .05."""
    return Json(entry_opinions(service, caller, entry_id, limit=limit, after=after))


@router.get(
    "/v1/opinions",
    operation_id="listOpinions",
    summary="List matches with opinions, for calibration",
    responses=answer(200, models.OpinionPage, "Oldest first.") | problems(400),
)
def export(
    service: ServiceOf,
    caller: CallerOf,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    after: After = None,
) -> Json:
    """Needs role `admin`. Covers your organization's entries and callers; for the organization that runs
    the deployment, all. With the scope `signals` it includes exact confidence and signals."""
    return Json(list_opinions(service, caller, limit=limit, after=after))
