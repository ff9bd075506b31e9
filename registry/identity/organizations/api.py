"""Organizations: who takes part."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query

from registry.core.http.documentation import answer, problems
from registry.core.http.paging import After, PageSize
from registry.core.http.responses import Json
from registry.core.http.schemas import PathId
from registry.identity.callers import schemas as models
from registry.identity.callers.api.access import CallerOf, Route, ServiceOf
from registry.identity.organizations.service.organizations import (
    change_organization,
    create_organization,
    get_organization,
    list_organizations,
)
from registry.identity.quotas.model.limits import Limits

router = APIRouter(route_class=Route, tags=["organizations"])

OrganizationId = Annotated[UUID, PathId("Organization")]


@router.get(
    "/v1/organizations",
    operation_id="listOrganizations",
    summary="List organizations",
    responses=answer(200, models.OrganizationPage, "Oldest first.") | problems(400),
)
def list_all(
    service: ServiceOf,
    caller: CallerOf,
    state: Annotated[Literal["active", "closed"] | None, Query()] = None,
    limit: PageSize = 50,
    after: After = None,
) -> Json:
    """Needs role `admin` in the organization that runs the deployment, which is its first."""
    return Json(list_organizations(service, caller, state=state, limit=limit, after=after or None))


@router.post(
    "/v1/organizations",
    operation_id="createOrganization",
    summary="Create an organization",
    status_code=201,
    responses=answer(201, models.Organization, "It has a bank `default`, and no caller yet.") | problems(409),
)
def create(service: ServiceOf, caller: CallerOf, new: models.NewOrganization) -> Json:
    """Needs role `admin` in the organization that runs the deployment. Then create its administrator with
    `POST /v1/callers`; that caller creates the others."""
    created = create_organization(service, caller, name=new.name, limits=_limits(new.limits))
    headers = {"Location": f"/v1/organizations/{created.organization_id}"}
    return Json(created, status_code=201, headers=headers)


@router.get(
    "/v1/organizations/{organization_id}",
    operation_id="showOrganization",
    summary="Get an organization",
    responses=answer(200, models.Organization, "The organization.") | problems(404),
)
def show(service: ServiceOf, caller: CallerOf, organization_id: OrganizationId) -> Json:
    """Needs role `admin`. You see your own organization. The organization that runs the deployment sees
    all."""
    return Json(get_organization(service, caller, organization_id))


@router.patch(
    "/v1/organizations/{organization_id}",
    operation_id="changeOrganization",
    summary="Rename an organization, or set its limits",
    responses=answer(200, models.Organization, "Changed.") | problems(404, 409),
)
def change(
    service: ServiceOf, caller: CallerOf, organization_id: OrganizationId, new: models.OrganizationChange
) -> Json:
    """Needs role `admin` in the organization that runs the deployment. Limits hold for all callers of the
    organization and all API processes together, in addition to those of each caller."""
    limits = _limits(new.limits)
    return Json(change_organization(service, caller, organization_id, name=new.name, limits=limits))


def _limits(new_limits: models.NewLimits | None) -> Limits | None:
    return None if new_limits is None else Limits(**new_limits.model_dump())
