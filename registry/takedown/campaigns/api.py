"""Clients, their mandates, and campaigns: batches of takedown notices."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query

from registry.core.http.documentation import answer, problems
from registry.core.http.paging import After, PageSize
from registry.core.http.responses import Json
from registry.core.http.schemas import PathId, identifier
from registry.identity.callers.api.access import CallerOf, Route, ServiceOf
from registry.takedown.campaigns import schemas as models
from registry.takedown.campaigns.model import CampaignFilter, Client, Mandate, Signatory
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
from registry.takedown.clients.service import (
    erase_client,
    list_clients,
    record_client,
    record_mandate,
    revoke_mandate,
    show_client,
)

router = APIRouter(route_class=Route, tags=["takedown"])

ClientId = Annotated[UUID, PathId("Client")]
MandateId = Annotated[UUID, PathId("Mandate")]
CampaignId = Annotated[UUID, PathId("Campaign")]


@router.post(
    "/v1/clients",
    operation_id="recordClient",
    summary="Record a client",
    status_code=201,
    responses=answer(201, models.ClientShown, "The client."),
)
def new_client(service: ServiceOf, caller: CallerOf, new: models.NewClient) -> Json:
    """Needs role `takedown`. Names and addresses are encrypted with a key of the client's own."""
    made = record_client(service, caller, Client(**new.model_dump()))
    return Json(made, status_code=201, headers={"Location": f"/v1/clients/{made.client_id}"})


@router.get(
    "/v1/clients",
    operation_id="listClients",
    summary="List your organization's clients",
    responses=answer(200, models.ClientPage, "Newest first.") | problems(400),
)
def clients(
    service: ServiceOf,
    caller: CallerOf,
    limit: PageSize = 50,
    after: After = None,
) -> Json:
    """Needs role `takedown`."""
    return Json(list_clients(service, caller, limit=limit, after=after or None))


@router.get(
    "/v1/clients/{client_id}",
    operation_id="showClient",
    summary="Get a client and its mandates",
    responses=answer(200, models.ClientShown, "The client.") | problems(404),
)
def client(service: ServiceOf, caller: CallerOf, client_id: ClientId) -> Json:
    """Needs role `takedown`."""
    return Json(show_client(service, caller, client_id))


@router.delete(
    "/v1/clients/{client_id}",
    operation_id="eraseClient",
    summary="Erase a client's personal data",
    responses=answer(200, models.ClientShown, "The client without its texts.") | problems(404),
)
def erase(service: ServiceOf, caller: CallerOf, client_id: ClientId) -> Json:
    """Needs role `takedown`. Names, addresses and places of its campaigns are destroyed, in backups too,
    and its campaigns are closed. The fact and the states of its notices stay."""
    return Json(erase_client(service, caller, client_id))


@router.post(
    "/v1/clients/{client_id}/mandates",
    operation_id="recordMandate",
    summary="Record a mandate of the depicted person",
    status_code=201,
    responses=answer(201, models.ClientShown, "The client, the new mandate first.") | problems(404, 409),
)
def new_mandate(service: ServiceOf, caller: CallerOf, client_id: ClientId, new: models.NewMandate) -> Json:
    """Needs role `takedown`. Nothing is sent before it begins or after it ends."""
    return Json(record_mandate(service, caller, client_id, Mandate(**new.model_dump())), status_code=201)


@router.post(
    "/v1/clients/{client_id}/mandates/{mandate_id}/revocation",
    operation_id="revokeMandate",
    summary="Record the revocation of a mandate",
    responses=answer(200, models.ClientShown, "The client.") | problems(404),
)
def revoke(service: ServiceOf, caller: CallerOf, client_id: ClientId, mandate_id: MandateId) -> Json:
    """Needs role `takedown`. From then on nothing is sent under it."""
    return Json(revoke_mandate(service, caller, client_id, mandate_id))


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
    made = create_campaign(
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
    return Json(made, status_code=201, headers={"Location": f"/v1/campaigns/{made.campaign_id}"})


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
    wanted = CampaignFilter(state, about)
    return Json(list_campaigns(service, caller, wanted, limit=limit, after=after or None))


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
    wanted = CampaignChange(
        title=new.title,
        mandate_id=new.mandate_id,
        language=new.language,
        signatory=Signatory(**new.signatory.model_dump()) if new.signatory else None,
        elements=new.elements,
    )
    return Json(change_campaign(service, caller, campaign_id, wanted))


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
