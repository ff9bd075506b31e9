"""Whether lookups of an organization are suspected to reconstruct registered hashes."""

from __future__ import annotations

from fastapi import APIRouter

from registry.core.http.documentation import answer, problems
from registry.core.http.responses import Json
from registry.identity.callers import schemas as models
from registry.identity.callers.api.access import CallerOf, Route, ServiceOf
from registry.identity.organizations.api import OrganizationId
from registry.matching.abuse.service import lift_reconstruction, show_reconstruction

router = APIRouter(route_class=Route, tags=["organizations"])


@router.get(
    "/v1/organizations/{organization_id}/reconstruction",
    operation_id="showReconstruction",
    summary="Is an organization suspected to reconstruct registered hashes?",
    responses=answer(200, models.ReconstructionOfOrganization, "Newest first.") | problems(401, 403, 404),
)
def show_suspicion(service: ServiceOf, caller: CallerOf, organization_id: OrganizationId) -> Json:
    """Needs role `admin`. Your own; that which runs the deployment sees every one. Near-identical hashes,
    asked without the scope `signals`, whose answers differ tell bits of a registered hash; so does a document
    with such frames. Once they may have told many, they get 429 `reconstruction_suspected` for a while,
    which is on record as `reconstruction.suspected`; other hashes are answered."""
    return Json(show_reconstruction(service, caller, organization_id))


@router.delete(
    "/v1/organizations/{organization_id}/reconstruction",
    operation_id="liftReconstruction",
    summary="Answer an organization's near-identical hashes again",
    responses=answer(200, models.ReconstructionOfOrganization, "Lifted.") | problems(401, 403, 404),
)
def lift(service: ServiceOf, caller: CallerOf, organization_id: OrganizationId) -> Json:
    """Needs role `admin`, in the organization that runs the deployment. In force in every API process within
    about a second; what was counted is forgotten."""
    return Json(lift_reconstruction(service, caller, organization_id))
