"""Operations on an organization that involve every room: its usage, and its closing."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from registry.app.service.closing import close_organization
from registry.app.service.limits import get_limits
from registry.catalogue.banks.schemas import OrganizationLimits
from registry.core.http.documentation import answer, problems
from registry.core.http.paging import After, PageSize
from registry.core.http.responses import Json
from registry.identity.callers import schemas as models
from registry.identity.callers.api.access import CallerOf, Route, ServiceOf
from registry.identity.organizations.api import OrganizationId

router = APIRouter(route_class=Route, tags=["organizations"])


@router.delete(
    "/v1/organizations/{organization_id}",
    operation_id="closeOrganization",
    summary="Close an organization for good",
    responses=answer(200, models.Organization, "Closed.") | problems(400, 404, 409),
)
def close(
    service: ServiceOf,
    caller: CallerOf,
    organization_id: OrganizationId,
    entries: Annotated[
        Literal["keep", "withdraw"], Query(description="keep: its entries continue to answer")
    ] = "withdraw",
) -> Json:
    """Needs role `admin` in the organization that runs the deployment. One commit ends everything of the
    organization. Its keys stop, its entries are withdrawn (or kept), and its queued lookups fail with
    `organization_closed`. Claims of its reviewers end, its own disputes are withdrawn, its webhooks,
    exchanges and watches stop, and its enrolled persons are erased. A worker that still processes its
    media writes nothing more. Repeating the request changes nothing."""
    return Json(close_organization(service, caller, organization_id, entries=entries))


@router.get(
    "/v1/organizations/{organization_id}/limits",
    operation_id="showLimits",
    summary="Limits and usage of an organization",
    responses=answer(200, OrganizationLimits, "In total, and for each caller and bank.") | problems(400, 404),
)
def get_all_limits(
    service: ServiceOf,
    caller: CallerOf,
    organization_id: OrganizationId,
    limit: PageSize = 50,
    after: After = None,
) -> Json:
    """Needs role `admin`. You see your own organization. The organization that runs the deployment sees
    all of them, without names of callers and banks. It sets limits with `PATCH
    /v1/organizations/{organization_id}`, `PUT /v1/callers/{caller_id}/limits` and `PUT
    /v1/banks/{bank}/limits`."""
    return Json(get_limits(service, caller, organization_id, limit=limit, after=after or None))
