"""Exchanges with the URLs and JSON of Hasher-Matcher-Actioner 2."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path

from registry.core.errors import BadInput, NotFound
from registry.core.http.documentation import answer, problems
from registry.core.http.responses import Json
from registry.identity.callers.api.access import CallerOf, ServiceOf
from registry.sharing.hma import schemas as hma_models
from registry.sharing.hma.api.route import HmaRoute, JsonObject
from registry.sharing.hma.errors import BadHmaBankName
from registry.sharing.hma.model import BANK_NAME
from registry.sharing.hma.service import exchanges
from registry.sharing.hma.service.exchange_apis import APIS

router = APIRouter(route_class=HmaRoute, tags=["hma"])

Name = Annotated[str, Path(max_length=100, description="name of an exchange, which is that of its bank")]
ApiName = Annotated[str, Path(max_length=50, description="a kind of exchange, of `/c/exchanges/apis`")]


def _body(example: dict[str, Any]) -> dict[str, Any]:
    content = {"application/json": {"schema": {"type": "object"}, "example": example}}
    return {"requestBody": {"required": True, "content": content}}


_NEW: Final = {"bank": "PARTNER", "api": "fb_threatexchange", "api_json": {"privacy_group": 77}}
_LOGIN: Final = {"credential_json": {"api_token": "123456789|abc…"}}


@router.get(
    "/c/exchanges/apis",
    operation_id="hmaExchangeApis",
    summary="List the kinds of exchanges",
    responses=hma_models.EXCHANGE_APIS,
)
def list_apis(_caller: CallerOf) -> Json:
    """Needs scope `hma`. `sample` needs no credentials: it has example hashes."""
    return Json(list(APIS))


@router.get(
    "/c/exchanges/api/{name}",
    operation_id="hmaExchangeApi",
    summary="Find out whether credentials are set for a kind of exchange",
    responses=answer(200, hma_models.HmaExchangeApi, "The kind.") | problems(400),
)
def show_api(service: ServiceOf, caller: CallerOf, name: ApiName) -> Json:
    """Needs scope `hma`. Credentials of your organization."""
    return Json(exchanges.get_authentication(service, caller, exchanges.exchange_api(name)))


@router.post(
    "/c/exchanges/api/{name}",
    operation_id="hmaChangeExchangeApi",
    summary="Set your organization's credentials for a kind of exchange",
    responses=answer(200, hma_models.HmaExchangeApi, "The kind.") | problems(400),
    openapi_extra=_body(_LOGIN),
)
def change_api(service: ServiceOf, caller: CallerOf, name: ApiName, body: JsonObject) -> Json:
    """Needs role `admin` and scope `hma`. An empty `credential_json` deletes them. They are encrypted and
    never shown."""
    api = exchanges.exchange_api(name)
    fields = body.get("credential_json")
    if fields is not None:
        if not isinstance(fields, dict):
            raise BadInput("`credential_json` is an object.")
        exchanges.authenticate(service, caller, api, fields)
    return Json(exchanges.get_authentication(service, caller, api))


@router.get(
    "/c/exchanges/api/{name}/schema",
    operation_id="hmaExchangeApiSchema",
    summary="Get the fields of a kind of exchange",
    responses=answer(200, hma_models.HmaExchangeSchema, "The fields.") | problems(404),
)
def show_schema(_caller: CallerOf, name: ApiName) -> Json:
    """Needs scope `hma`. Fields of `api_json` (`config_schema`) and of `credential_json`."""
    if name not in APIS:
        raise NotFound(f"Exchange API {name!r} not found.", next_step="See GET /c/exchanges/apis.")
    return Json(APIS[name].schema())


@router.get(
    "/c/exchanges",
    operation_id="hmaListExchanges",
    summary="List your organization's exchanges",
    responses=hma_models.EXCHANGES,
)
def list_all(service: ServiceOf, caller: CallerOf) -> Json:
    """Needs role `admin` and scope `hma`. Names are those of the banks that they fill."""
    return Json(exchanges.names(service, caller))


@router.post(
    "/c/exchanges",
    operation_id="hmaCreateExchange",
    summary="Create an exchange and the bank that it fills",
    status_code=201,
    responses=answer(201, hma_models.HmaMessage, "Created; a worker reads it soon.") | problems(400),
    openapi_extra=_body(_NEW),
)
def create(service: ServiceOf, caller: CallerOf, body: JsonObject) -> Json:
    """Needs role `admin` and scope `hma`. The new bank is private. The exchange is read every hour with the
    credentials of `POST /c/exchanges/api/{name}`."""
    bank, api_name, settings = body.get("bank"), body.get("api"), body.get("api_json", {})
    if bank is None:
        raise BadInput("bank is required")
    if not isinstance(bank, str) or not BANK_NAME.fullmatch(bank):
        raise BadHmaBankName
    if not isinstance(settings, dict):
        raise BadInput("Field `api_json` must be object")
    if not isinstance(api_name, str):
        raise BadInput("Field `api` is required", next_step=f"Choose among {', '.join(APIS)}.")
    exchanges.add(service, caller, bank, exchanges.exchange_api(api_name), settings)
    return Json({"message": "Created successfully"}, status_code=201)


@router.get(
    "/c/exchange/{name}",
    operation_id="hmaShowExchange",
    summary="Get an exchange",
    responses=answer(200, hma_models.HmaExchange, "The exchange.") | problems(404),
)
def show(service: ServiceOf, caller: CallerOf, name: Name) -> Json:
    """Needs role `admin` and scope `hma`. With the settings of its kind."""
    return Json(exchanges.shape(exchanges.find(service, caller, name)))


@router.put(
    "/c/exchange/{name}",
    operation_id="hmaChangeExchange",
    summary="Switch an exchange on or off",
    responses=answer(200, hma_models.HmaExchange, "The exchange.") | problems(404),
)
def change(service: ServiceOf, caller: CallerOf, name: Name, body: hma_models.HmaExchangeChange) -> Json:
    """Needs role `admin` and scope `hma`. One that is off is not read; its content continues to match."""
    return Json(exchanges.shape(exchanges.switch(service, caller, name, active=body.enabled)))


@router.get(
    "/c/exchange/{name}/status",
    operation_id="hmaExchangeStatus",
    summary="Get the progress of an exchange",
    responses=answer(200, hma_models.HmaExchangeStatus, "The progress.") | problems(404),
)
def show_status(service: ServiceOf, caller: CallerOf, name: Name) -> Json:
    """Needs role `admin` and scope `hma`. Times in seconds since 1970."""
    return Json(exchanges.get_status(service, caller, name))


@router.delete(
    "/c/exchange/{name}",
    operation_id="hmaDeleteExchange",
    summary="Delete an exchange with its bank",
    responses=answer(200, hma_models.HmaMessage, "Deleted.") | problems(409),
)
def delete(service: ServiceOf, caller: CallerOf, name: Name) -> Json:
    """Needs role `admin` and scope `hma`. Entries of the bank are withdrawn. An exchange that does not exist
    gives the same answer."""
    exchanges.remove(service, caller, name)
    return Json({"message": "Exchange deleted"})
