"""Campaigns (batches of takedown notices) and their releases to recipients."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query

from registry.core.http.documentation import answer, problems
from registry.core.http.paging import After, PageSize
from registry.core.http.responses import Json
from registry.core.http.schemas import PathId, identifier, parse_time
from registry.identity.callers.api.access import CallerOf, Route, ServiceOf
from registry.takedown.campaigns import schemas as models
from registry.takedown.campaigns.model import CampaignFilter, Signatory
from registry.takedown.campaigns.service.campaigns import (
    CampaignChange,
    NewCampaign,
    add_campaign_entry,
    change_campaign,
    close_campaign,
    create_campaign,
    list_campaigns,
    show_campaign,
)
from registry.takedown.campaigns.service.release import list_releases, release_campaign, withhold_campaign

router = APIRouter(route_class=Route, tags=["takedown"])

CampaignId = Annotated[UUID, PathId("Campaign")]
ReleaseId = Annotated[UUID, PathId("Release")]


@router.post(
    "/v1/campaigns",
    operation_id="createCampaign",
    summary="Create a campaign",
    status_code=201,
    responses=answer(201, models.CampaignShown, "The campaign, without notices.") | problems(404, 409),
)
def new_campaign(service: ServiceOf, caller: CallerOf, new: models.NewCampaignData) -> Json:
    """Needs role `takedown`. For entries that your organization sees, of any tier. Whether a notice may be
    sent is checked when it is sent."""
    campaign = create_campaign(
        service,
        caller,
        NewCampaign(
            title=new.title,
            client_id=new.client_id,
            mandate_id=new.mandate_id,
            entry_ids=new.entry_ids,
            regimes=new.regimes,
            language=new.language,
            signatory=Signatory(**new.signatory.model_dump()) if new.signatory else None,
            elements=new.elements,
        ),
    )
    return Json(campaign, status_code=201, headers={"Location": f"/v1/campaigns/{campaign.campaign_id}"})


@router.get(
    "/v1/campaigns",
    operation_id="listCampaigns",
    summary="List your organization's campaigns",
    responses=answer(200, models.CampaignPage, "Newest first.") | problems(400),
)
def campaigns(
    service: ServiceOf,
    caller: CallerOf,
    state: Annotated[Literal["open", "closed"] | None, Query()] = None,
    entry_id: Annotated[str | None, Query(max_length=36, description="those that are about it")] = None,
    limit: PageSize = 50,
    after: After = None,
) -> Json:
    """Needs role `takedown`."""
    about = identifier(entry_id, "Entry") if entry_id else None
    filter_ = CampaignFilter(state, about)
    return Json(list_campaigns(service, caller, filter_, limit=limit, after=after or None))


@router.get(
    "/v1/campaigns/{campaign_id}",
    operation_id="showCampaign",
    summary="Get a campaign with the states of its notices",
    responses=answer(200, models.CampaignShown, "The campaign.") | problems(404),
)
def show(service: ServiceOf, caller: CallerOf, campaign_id: CampaignId) -> Json:
    """Needs role `takedown`."""
    return Json(show_campaign(service, caller, campaign_id))


@router.patch(
    "/v1/campaigns/{campaign_id}",
    operation_id="changeCampaign",
    summary="Change a campaign",
    responses=answer(200, models.CampaignShown, "The campaign.") | problems(404, 409),
)
def change(service: ServiceOf, caller: CallerOf, campaign_id: CampaignId, new: models.CampaignPatch) -> Json:
    """Needs role `takedown`. If the content of its notices changes, those that are ready become drafts
    again."""
    change_ = CampaignChange(
        title=new.title,
        mandate_id=new.mandate_id,
        language=new.language,
        signatory=Signatory(**new.signatory.model_dump()) if new.signatory else None,
        elements=new.elements,
    )
    return Json(change_campaign(service, caller, campaign_id, change_))


@router.post(
    "/v1/campaigns/{campaign_id}/entries",
    operation_id="addCampaignEntry",
    summary="Add a fake to a campaign",
    responses=answer(200, models.CampaignShown, "The campaign.") | problems(404, 409),
)
def add_entry(
    service: ServiceOf, caller: CallerOf, campaign_id: CampaignId, new: models.NewCampaignEntry
) -> Json:
    """Needs role `takedown`. Repeating the request changes nothing."""
    return Json(add_campaign_entry(service, caller, campaign_id, new.entry_id))


@router.post(
    "/v1/campaigns/{campaign_id}/closure",
    operation_id="closeCampaign",
    summary="Close a campaign",
    responses=answer(200, models.CampaignShown, "Closed.") | problems(404),
)
def close(service: ServiceOf, caller: CallerOf, campaign_id: CampaignId) -> Json:
    """Needs role `takedown`. No more notices are sent. Sent notices continue."""
    return Json(close_campaign(service, caller, campaign_id))


@router.post(
    "/v1/campaigns/{campaign_id}/releases",
    operation_id="releaseCampaign",
    summary="Release parts of a campaign to one recipient",
    status_code=201,
    responses=answer(201, models.Releases, "The campaign's releases, the new one first.")
    | problems(404, 409),
)
def release(service: ServiceOf, caller: CallerOf, campaign_id: CampaignId, new: models.NewRelease) -> Json:
    """Needs role `takedown`. The ledger records who released what to whom, and until when."""
    releases = release_campaign(
        service,
        caller,
        campaign_id,
        recipient=new.recipient,
        fields=new.fields,
        valid_until=parse_time(new.valid_until, "valid_until"),
    )
    return Json(releases, status_code=201)


@router.get(
    "/v1/campaigns/{campaign_id}/releases",
    operation_id="listReleases",
    summary="List a campaign's releases",
    responses=answer(200, models.Releases, "Newest first.") | problems(404),
)
def releases(service: ServiceOf, caller: CallerOf, campaign_id: CampaignId) -> Json:
    """Needs role `takedown`."""
    return Json(list_releases(service, caller, campaign_id))


@router.delete(
    "/v1/campaigns/{campaign_id}/releases/{release_id}",
    operation_id="withholdCampaign",
    summary="Revoke a release",
    responses=answer(200, models.Releases, "The campaign's releases.") | problems(404),
)
def withhold(service: ServiceOf, caller: CallerOf, campaign_id: CampaignId, release_id: ReleaseId) -> Json:
    """Needs role `takedown`. Later exports are redacted again. Earlier exports cannot be called back."""
    return Json(withhold_campaign(service, caller, campaign_id, release_id))
