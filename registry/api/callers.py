"""Callers: who may do what."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from pydantic import TypeAdapter

from registry.actions.create_caller import create_caller
from registry.api import bodies, documentation, models, received
from registry.api.access import AdminCaller, ServiceOf
from registry.api.documentation import answer, problems
from registry.api.received import JsonBytes
from registry.api.responses import Json

router = APIRouter(tags=["callers"])

_NEW_CALLER: Final = TypeAdapter(models.NewCaller)


@router.post(
    "/v1/callers",
    operation_id="createCaller",
    summary="Give somebody a key",
    status_code=201,
    responses=answer(201, models.Caller, "The caller and its key, shown this once.")
    | problems(400, 401, 403, 413, 415),
    openapi_extra=documentation.body(documentation.json_body(models.NewCaller)),
)
def create(service: ServiceOf, caller: AdminCaller, raw: JsonBytes) -> Json:
    """Needs role `admin`. Roles: `lookup`, `register`, `review`, `takedown`, `admin`; the scope `signals`
    shows raw similarities, `faces` works with enrolled persons. For another organization than your own, only
    administrators of the first one, which runs the deployment; one that is new gets a bank named `default`.
    """
    new = received.checked(bodies.parse(raw), _NEW_CALLER)
    made = create_caller(service, caller, organization=new.organization, name=new.name, roles=new.roles)
    return Json(made, status_code=201)
