"""Clients and their mandates."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter

from registry.core.http.documentation import answer, problems
from registry.core.http.paging import After, PageSize
from registry.core.http.responses import Json
from registry.core.http.schemas import PathId
from registry.identity.callers.api.access import CallerOf, Route, ServiceOf
from registry.takedown.campaigns.model import Client, Mandate
from registry.takedown.clients import schemas as models
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


@router.post(
    "/v1/clients",
    operation_id="recordClient",
    summary="Record a client",
    status_code=201,
    responses=answer(201, models.ClientShown, "The client."),
)
def new_client(service: ServiceOf, caller: CallerOf, new: models.NewClient) -> Json:
    """Needs role `takedown`. Names and addresses are encrypted with a key of the client's own."""
    client = record_client(service, caller, Client(**new.model_dump()))
    return Json(client, status_code=201, headers={"Location": f"/v1/clients/{client.client_id}"})


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
    """Needs role `takedown`. Nothing is sent before the mandate begins or after it ends."""
    return Json(record_mandate(service, caller, client_id, Mandate(**new.model_dump())), status_code=201)


@router.post(
    "/v1/clients/{client_id}/mandates/{mandate_id}/revocation",
    operation_id="revokeMandate",
    summary="Record the revocation of a mandate",
    responses=answer(200, models.ClientShown, "The client.") | problems(404),
)
def revoke(service: ServiceOf, caller: CallerOf, client_id: ClientId, mandate_id: MandateId) -> Json:
    """Needs role `takedown`. From then on, nothing is sent under the mandate."""
    return Json(revoke_mandate(service, caller, client_id, mandate_id))
