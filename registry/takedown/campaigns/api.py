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
from registry.takedown.campaigns.model import Client, Signatory
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
    summary="Record for whom removals are asked for",
    status_code=201,
    responses=answer(201, models.ClientShown, "The client.") | problems(400, 401, 403, 413, 415),
)
def new_client(service: ServiceOf, caller: CallerOf, new: models.NewClient) -> Json:
    """Needs role `takedown`. Names and addresses are kept sealed under a key of the client's own."""
    made = record_client(service, caller, Client(**new.model_dump()))
    return Json(made, status_code=201, headers={"Location": f"/v1/clients/{made['client_id']}"})


@router.get(
    "/v1/clients",
    operation_id="listClients",
    summary="Your organization's clients",
    responses=answer(200, models.ClientPage, "Newest first.") | problems(400, 401, 403),
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
    summary="A client and its mandates",
    responses=answer(200, models.ClientShown, "The client.") | problems(401, 403, 404),
)
def client(service: ServiceOf, caller: CallerOf, client_id: ClientId) -> Json:
    """Needs role `takedown`."""
    return Json(show_client(service, caller, client_id))


@router.delete(
    "/v1/clients/{client_id}",
    operation_id="eraseClient",
    summary="Erase what is personal of a client",
    responses=answer(200, models.ClientShown, "The client without its texts.") | problems(401, 403, 404),
)
def erase(service: ServiceOf, caller: CallerOf, client_id: ClientId) -> Json:
    """Needs role `takedown`. Names, addresses and places of its campaigns are gone for good, from backups
    too; its campaigns are closed. That there were notices, and how they moved, stays."""
    return Json(erase_client(service, caller, client_id))


@router.post(
    "/v1/clients/{client_id}/mandates",
    operation_id="recordMandate",
    summary="Record a mandate of whoever is depicted",
    status_code=201,
    responses=answer(201, models.ClientShown, "The client, the new mandate first.")
    | problems(400, 401, 403, 404, 409, 413, 415),
)
def new_mandate(service: ServiceOf, caller: CallerOf, client_id: ClientId, new: models.NewMandate) -> Json:
    """Needs role `takedown`. Nothing is sent before it begins or once it has ended."""
    return Json(record_mandate(service, caller, client_id, **new.model_dump()), status_code=201)


@router.post(
    "/v1/clients/{client_id}/mandates/{mandate_id}/revocation",
    operation_id="revokeMandate",
    summary="Record that a mandate was taken back",
    responses=answer(200, models.ClientShown, "The client.") | problems(401, 403, 404),
)
def revoke(service: ServiceOf, caller: CallerOf, client_id: ClientId, mandate_id: MandateId) -> Json:
    """Needs role `takedown`. Nothing is sent by it from then on."""
    return Json(revoke_mandate(service, caller, client_id, mandate_id))


@router.post(
    "/v1/campaigns",
    operation_id="createCampaign",
    summary="Begin a campaign",
    status_code=201,
    responses=answer(201, models.CampaignShown, "The campaign, without notices.")
    | problems(400, 401, 403, 404, 409, 413, 415),
)
def new_campaign(service: ServiceOf, caller: CallerOf, new: models.NewCampaignData) -> Json:
    """Needs role `takedown`. Entries that your organization sees, of any tier: what may be sent is decided
    when it is sent."""
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
    return Json(made, status_code=201, headers={"Location": f"/v1/campaigns/{made['campaign_id']}"})


@router.get(
    "/v1/campaigns",
    operation_id="listCampaigns",
    summary="Your organization's campaigns",
    responses=answer(200, models.CampaignPage, "Newest first.") | problems(400, 401, 403),
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
    found = list_campaigns(service, caller, state=state, entry_id=about, limit=limit, after=after or None)
    return Json(found)


@router.get(
    "/v1/campaigns/{campaign_id}",
    operation_id="showCampaign",
    summary="A campaign and how its notices stand",
    responses=answer(200, models.CampaignShown, "The campaign.") | problems(401, 403, 404),
)
def show(service: ServiceOf, caller: CallerOf, campaign_id: CampaignId) -> Json:
    """Needs role `takedown`."""
    return Json(show_campaign(service, caller, campaign_id))


@router.patch(
    "/v1/campaigns/{campaign_id}",
    operation_id="changeCampaign",
    summary="Change what a campaign says",
    responses=answer(200, models.CampaignShown, "The campaign.")
    | problems(400, 401, 403, 404, 409, 413, 415),
)
def change(service: ServiceOf, caller: CallerOf, campaign_id: CampaignId, new: models.CampaignPatch) -> Json:
    """Needs role `takedown`. Where what its notices say changes, those that are ready become drafts again."""
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
    summary="Add a fake that a campaign is about",
    responses=answer(200, models.CampaignShown, "The campaign.")
    | problems(400, 401, 403, 404, 409, 413, 415),
)
def add_entry(
    service: ServiceOf, caller: CallerOf, campaign_id: CampaignId, new: models.NewCampaignEntry
) -> Json:
    """Needs role `takedown`. Twice, nothing more happens."""
    return Json(add_campaign_entry(service, caller, campaign_id, new.entry_id))


@router.post(
    "/v1/campaigns/{campaign_id}/closure",
    operation_id="closeCampaign",
    summary="Close a campaign",
    responses=answer(200, models.CampaignShown, "Closed.") | problems(401, 403, 404),
)
def close(service: ServiceOf, caller: CallerOf, campaign_id: CampaignId) -> Json:
    """Needs role `takedown`. Nothing of it is sent any more; what was sent goes on."""
    return Json(close_campaign(service, caller, campaign_id))
