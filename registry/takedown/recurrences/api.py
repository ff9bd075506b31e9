"""What was found again where it had been removed; addresses that a person looks at; notices taken back."""

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
from registry.takedown.delivery.service.retraction import retract_notices
from registry.takedown.notices.service.moves import go_on
from registry.takedown.notices.service.preparation import confirm_addresses
from registry.takedown.recurrences import schemas as models
from registry.takedown.recurrences.schemas import Outcome
from registry.takedown.recurrences.service.recurrences import decide_recurrence, list_recurrences

router = APIRouter(route_class=Route, tags=["takedown"])

RecurrenceId = Annotated[UUID, PathId("Recurrence")]


@router.post(
    "/v1/campaigns/{campaign_id}/addresses",
    operation_id="confirmAddresses",
    summary="Confirm addresses that are easily confused",
    responses=answer(200, models.AddressesConfirmed, "Confirmed.") | problems(404, 409),
)
def addresses(
    service: ServiceOf, caller: CallerOf, campaign_id: CampaignId, new: models.NewAddressesConfirmed
) -> Json:
    """Needs role `takedown`. A marked address (`address_marks`: a shortener, an IP address, a host that
    looks like another) blocks sending until a person vouches for it by name."""
    return Json(confirm_addresses(service, caller, campaign_id, new.notice_ids))


@router.post(
    "/v1/campaigns/{campaign_id}/go-on",
    operation_id="goOnDespiteDispute",
    summary="Continue notices despite a dispute",
    responses=answer(200, models.GoneOn, "On record.") | problems(404, 409),
)
def going_on(service: ServiceOf, caller: CallerOf, campaign_id: CampaignId, new: models.NewGoingOn) -> Json:
    """Needs role `takedown`. An open dispute of the entry blocks sending (`entry_disputed`) until a person
    decides by name to continue. The decision is recorded. A later dispute blocks it again."""
    return Json(go_on(service, caller, campaign_id, new.notice_ids))


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
    outcome: Annotated[Outcome | None, Query(description="proposed: what waits for you")] = None,
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
    responses=answer(200, models.Recurrence, "The return.") | problems(404, 409),
)
def decide(
    service: ServiceOf,
    caller: CallerOf,
    campaign_id: CampaignId,
    recurrence_id: RecurrenceId,
    new: models.NewReturnDecision,
) -> Json:
    """Needs role `takedown`. An accepted one gets a notice about its address, whose match must be
    confirmed."""
    return Json(decide_recurrence(service, caller, campaign_id, recurrence_id, new.decision))


@router.post(
    "/v1/campaigns/{campaign_id}/retractions",
    operation_id="retractNotices",
    summary="Retract notices that were sent and closed",
    responses=answer(200, models.Retractions, "What was, or would be, written to whom.") | problems(404, 409),
)
def retract(
    service: ServiceOf, caller: CallerOf, campaign_id: CampaignId, new: models.NewRetractions
) -> Json:
    """Needs role `takedown`. Each is retracted once per closing, where the notice was delivered. Without
    `notice_ids` it is a dry run: a person names the notices."""
    made = retract_notices(service, caller, campaign_id, notice_ids=new.notice_ids, dry_run=new.dry_run)
    return Json(made)
