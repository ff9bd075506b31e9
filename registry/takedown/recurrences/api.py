"""Recurrences: removed content that was found again."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from registry.core.http.documentation import answer, problems
from registry.core.http.paging import After, PageSize
from registry.core.http.responses import Json
from registry.core.http.schemas import PathId
from registry.identity.callers.api.access import CallerOf, Route, ServiceOf
from registry.takedown.campaigns.api import CampaignId
from registry.takedown.recurrences import schemas as models
from registry.takedown.recurrences.schemas import Outcome
from registry.takedown.recurrences.service.recurrences import (
    decide_recurrence,
    list_recurrences,
    reopen_notice,
)

router = APIRouter(route_class=Route, tags=["takedown"])

RecurrenceId = Annotated[UUID, PathId("Recurrence")]


@router.get(
    "/v1/campaigns/{campaign_id}/recurrences",
    operation_id="listRecurrences",
    summary="List removed content that was found again",
    responses=answer(200, models.RecurrencePage, "The newest first.") | problems(400, 404),
)
def list_all(
    service: ServiceOf,
    caller: CallerOf,
    campaign_id: CampaignId,
    outcome: Annotated[
        Outcome | None, Query(description="proposed: those on which you have to decide")
    ] = None,
    limit: PageSize = 50,
    after: After = None,
) -> Json:
    """Needs role `takedown`. Your organization's lookups with a place (`seen_at`), and watches of them,
    reopen notices by themselves. Nothing is sent before a person confirms the match. Findings of other
    organizations' lookups are included if these allow it."""
    return Json(
        list_recurrences(service, caller, campaign_id, outcome=outcome, limit=limit, after=after or None)
    )


@router.post(
    "/v1/campaigns/{campaign_id}/recurrences/{recurrence_id}",
    operation_id="decideRecurrence",
    summary="Accept or dismiss a proposed recurrence",
    responses=answer(200, models.Recurrence, "The recurrence.") | problems(404, 409),
)
def decide(
    service: ServiceOf,
    caller: CallerOf,
    campaign_id: CampaignId,
    recurrence_id: RecurrenceId,
    new: models.NewReturnDecision,
) -> Json:
    """Needs role `takedown`. An accepted recurrence gets a notice about its address. A person confirms the
    match before it is sent."""
    return Json(decide_recurrence(service, caller, campaign_id, recurrence_id, new.decision))


@router.post(
    "/v1/campaigns/{campaign_id}/found",
    operation_id="reopenNotice",
    summary="Report that removed content is back",
    responses=answer(200, models.ReopenedNotice, "The notice, about its new place.") | problems(404, 409),
)
def found_again(service: ServiceOf, caller: CallerOf, campaign_id: CampaignId, new: models.NewFind) -> Json:
    """Needs role `takedown`. The proof is a lookup of the content at `url`: it must match an entry of the
    campaign that this platform had removed. A person confirms the match before the notice is sent again."""
    notice = reopen_notice(
        service,
        caller,
        campaign_id,
        url=new.url,
        lookup_id=new.lookup_id,
        notice_id=new.notice_id,
    )
    return Json(notice)
