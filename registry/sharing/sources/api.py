"""Hash exchanges that are read into banks."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from registry.core.http.documentation import answer, problems
from registry.core.http.responses import Json
from registry.identity.callers.api.access import CallerOf, Route, ServiceOf
from registry.sharing.sources import schemas as exchange_models
from registry.sharing.sources.service.exchanges import (
    add_exchange,
    change_credentials,
    list_exchanges,
    remove_exchange,
    request_exchange,
)

router = APIRouter(route_class=Route, tags=["imports"])

Name = Annotated[str, Path(max_length=100, description="name or id of an exchange of your organization")]


@router.post(
    "/v1/exchanges",
    operation_id="addExchange",
    summary="Read a hash exchange into a bank",
    status_code=201,
    responses=answer(201, exchange_models.Exchange, "The exchange; a worker reads it soon.")
    | problems(404, 409),
)
def add(service: ServiceOf, caller: CallerOf, body: exchange_models.NewExchange) -> Json:
    """Needs role `admin`. The bank is private, belongs to your organization, and has no other source.
    Items that the exchange removes are withdrawn, unless somebody has reviewed them here. Credentials are
    encrypted and never shown. `file` reads a list in the service's folder for exchange files, with one
    `TYPE HASH` on each line."""
    return Json(add_exchange(service, caller, body), status_code=201)


@router.get(
    "/v1/exchanges",
    operation_id="listExchanges",
    summary="List the exchanges that your organization reads",
    responses=answer(200, exchange_models.ExchangeList, "By name."),
)
def list_all(service: ServiceOf, caller: CallerOf) -> Json:
    """Needs role `admin`. `error` is the reason why the last read failed; the next one continues there."""
    return Json({"exchanges": list_exchanges(service, caller)})


@router.post(
    "/v1/exchanges/{exchange}/fetch",
    operation_id="fetchExchange",
    summary="Read an exchange now",
    status_code=202,
    responses=answer(202, exchange_models.Exchange, "A worker reads it soon.") | problems(404, 409),
)
def fetch(service: ServiceOf, caller: CallerOf, exchange: Name) -> Json:
    """Needs role `admin`. `fetching` is true until the read is done."""
    return Json(request_exchange(service, caller, exchange), status_code=202)


@router.put(
    "/v1/exchanges/{exchange}/credentials",
    operation_id="changeExchangeCredentials",
    summary="Replace the credentials of an exchange",
    responses=answer(200, exchange_models.Exchange, "The exchange; a worker reads it soon.") | problems(404),
)
def change(
    service: ServiceOf, caller: CallerOf, exchange: Name, body: exchange_models.NewCredentials
) -> Json:
    """Needs role `admin`. Its entries and its position stay. A reading under way ends with the credentials
    that it began with."""
    return Json(change_credentials(service, caller, exchange, body.credentials))


@router.delete(
    "/v1/exchanges/{exchange}",
    operation_id="removeExchange",
    summary="Stop reading an exchange",
    responses=answer(200, exchange_models.Exchange, "The removed exchange.") | problems(404),
)
def remove(service: ServiceOf, caller: CallerOf, exchange: Name) -> Json:
    """Needs role `admin`. Its credentials are destroyed. Its entries stay in their bank."""
    return Json(remove_exchange(service, caller, exchange))
