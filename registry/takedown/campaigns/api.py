"""Clients, their mandates, and campaigns: batches of takedown notices."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from fastapi import APIRouter, Path, Query
from pydantic import TypeAdapter

from registry.core.http import bodies, documentation, received
from registry.core.http.documentation import answer, problems
from registry.core.http.paging import After, PageSize
from registry.core.http.received import JsonBytes
from registry.core.http.responses import Json
from registry.identity.callers.api.access import CallerOf, ServiceOf
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

router = APIRouter(tags=["takedown"])

_CLIENT: Final = TypeAdapter(models.NewClient)
_MANDATE: Final = TypeAdapter(models.NewMandate)
_CAMPAIGN: Final = TypeAdapter(models.NewCampaignData)
_CHANGE: Final = TypeAdapter(models.CampaignPatch)
_ENTRY: Final = TypeAdapter(models.NewCampaignEntry)

ClientId = Annotated[str, Path(json_schema_extra={"format": "uuid"})]
MandateId = Annotated[str, Path(json_schema_extra={"format": "uuid"})]
CampaignId = Annotated[str, Path(json_schema_extra={"format": "uuid"})]


@router.post(
    "/v1/clients",
    operation_id="recordClient",
    summary="Record for whom removals are asked for",
    status_code=201,
    responses=answer(201, models.ClientShown, "The client.") | problems(400, 401, 403, 413, 415),
    openapi_extra=documentation.body(documentation.json_body(models.NewClient)),
)
def new_client(service: ServiceOf, caller: CallerOf, raw: JsonBytes) -> Json:
    """Needs role `takedown`. Names and addresses are kept sealed under a key of the client's own."""
    new = received.checked(bodies.parse(raw), _CLIENT)
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
    return Json(show_client(service, caller, received.identifier(client_id, "Client")))


@router.delete(
    "/v1/clients/{client_id}",
    operation_id="eraseClient",
    summary="Erase what is personal of a client",
    responses=answer(200, models.ClientShown, "The client without its texts.") | problems(401, 403, 404),
)
def erase(service: ServiceOf, caller: CallerOf, client_id: ClientId) -> Json:
    """Needs role `takedown`. Names, addresses and places of its campaigns are gone for good, from backups
    too; its campaigns are closed. That there were notices, and how they moved, stays."""
    return Json(erase_client(service, caller, received.identifier(client_id, "Client")))


@router.post(
    "/v1/clients/{client_id}/mandates",
    operation_id="recordMandate",
    summary="Record a mandate of whoever is depicted",
    status_code=201,
    responses=answer(201, models.ClientShown, "The client, the new mandate first.")
    | problems(400, 401, 403, 404, 409, 413, 415),
    openapi_extra=documentation.body(documentation.json_body(models.NewMandate)),
)
def new_mandate(service: ServiceOf, caller: CallerOf, client_id: ClientId, raw: JsonBytes) -> Json:
    """Needs role `takedown`. Nothing is sent before it begins or once it has ended."""
    identity = received.identifier(client_id, "Client")
    new = received.checked(bodies.parse(raw), _MANDATE)
    return Json(record_mandate(service, caller, identity, **new.model_dump()), status_code=201)


@router.post(
    "/v1/clients/{client_id}/mandates/{mandate_id}/revocation",
    operation_id="revokeMandate",
    summary="Record that a mandate was taken back",
    responses=answer(200, models.ClientShown, "The client.") | problems(401, 403, 404),
)
def revoke(service: ServiceOf, caller: CallerOf, client_id: ClientId, mandate_id: MandateId) -> Json:
    """Needs role `takedown`. Nothing is sent by it from then on."""
    identity = received.identifier(client_id, "Client")
    return Json(revoke_mandate(service, caller, identity, received.identifier(mandate_id, "Mandate")))


@router.post(
    "/v1/campaigns",
    operation_id="createCampaign",
    summary="Begin a campaign",
    status_code=201,
    responses=answer(201, models.CampaignShown, "The campaign, without notices.")
    | problems(400, 401, 403, 404, 409, 413, 415),
    openapi_extra=documentation.body(documentation.json_body(models.NewCampaignData)),
)
def new_campaign(service: ServiceOf, caller: CallerOf, raw: JsonBytes) -> Json:
    """Needs role `takedown`. Entries that your organization sees, of any tier: what may be sent is decided
    when it is sent."""
    new = received.checked(bodies.parse(raw), _CAMPAIGN)
    made = create_campaign(
        service,
        caller,
        NewCampaign(
            title=new.title,
            client_id=received.identifier(new.client_id, "Client"),
            mandate_id=received.identifier(new.mandate_id, "Mandate"),
            entry_ids=[received.identifier(id_, "Entry") for id_ in new.entry_ids],
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
    about = received.identifier(entry_id, "Entry") if entry_id else None
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
    return Json(show_campaign(service, caller, received.identifier(campaign_id, "Campaign")))


@router.patch(
    "/v1/campaigns/{campaign_id}",
    operation_id="changeCampaign",
    summary="Change what a campaign says",
    responses=answer(200, models.CampaignShown, "The campaign.")
    | problems(400, 401, 403, 404, 409, 413, 415),
    openapi_extra=documentation.body(documentation.json_body(models.CampaignPatch)),
)
def change(service: ServiceOf, caller: CallerOf, campaign_id: CampaignId, raw: JsonBytes) -> Json:
    """Needs role `takedown`. Where what its notices say changes, those that are ready become drafts again."""
    identity = received.identifier(campaign_id, "Campaign")
    new = received.checked(bodies.parse(raw), _CHANGE)
    wanted = CampaignChange(
        title=new.title,
        mandate_id=received.identifier(new.mandate_id, "Mandate") if new.mandate_id else None,
        language=new.language,
        signatory=Signatory(**new.signatory.model_dump()) if new.signatory else None,
        elements=new.elements,
    )
    return Json(change_campaign(service, caller, identity, wanted))


@router.post(
    "/v1/campaigns/{campaign_id}/entries",
    operation_id="addCampaignEntry",
    summary="Add a fake that a campaign is about",
    responses=answer(200, models.CampaignShown, "The campaign.")
    | problems(400, 401, 403, 404, 409, 413, 415),
    openapi_extra=documentation.body(documentation.json_body(models.NewCampaignEntry)),
)
def add_entry(service: ServiceOf, caller: CallerOf, campaign_id: CampaignId, raw: JsonBytes) -> Json:
    """Needs role `takedown`. Twice, nothing more happens."""
    identity = received.identifier(campaign_id, "Campaign")
    new = received.checked(bodies.parse(raw), _ENTRY)
    entry_id = received.identifier(new.entry_id, "Entry")
    return Json(add_campaign_entry(service, caller, identity, entry_id))


@router.post(
    "/v1/campaigns/{campaign_id}/closure",
    operation_id="closeCampaign",
    summary="Close a campaign",
    responses=answer(200, models.CampaignShown, "Closed.") | problems(401, 403, 404),
)
def close(service: ServiceOf, caller: CallerOf, campaign_id: CampaignId) -> Json:
    """Needs role `takedown`. Nothing of it is sent any more; what was sent goes on."""
    return Json(close_campaign(service, caller, received.identifier(campaign_id, "Campaign")))
