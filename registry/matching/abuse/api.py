"""Whether lookups of an organization are suspected to reconstruct registered hashes."""

from __future__ import annotations

from fastapi import APIRouter

from registry.core.http.documentation import answer, problems
from registry.core.http.responses import Json
from registry.identity.callers.api.access import CallerOf, Route, ServiceOf
from registry.identity.organizations.api import OrganizationId
from registry.matching.abuse.schemas import ReconstructionOfOrganization
from registry.matching.abuse.service import get_reconstruction, lift_reconstruction

router = APIRouter(route_class=Route, tags=["organizations"])


@router.get(
    "/v1/organizations/{organization_id}/reconstruction",
    operation_id="showReconstruction",
    summary="Is an organization suspected of reconstructing hashes?",
    responses=answer(200, ReconstructionOfOrganization, "Newest first.") | problems(404),
)
def show_suspicion(service: ServiceOf, caller: CallerOf, organization_id: OrganizationId) -> Json:
    """Needs role `admin`. You see your own organization; the organization that runs the deployment sees
    all. Lookups of near-identical hashes with different answers reveal bits of a registered hash, unless
    the caller has the scope `signals`. Documents with such frames do so too. When they may have revealed
    many bits, such lookups get 429 `reconstruction_suspected` for some time, and the event
    `reconstruction.suspected` is recorded. Other hashes are answered."""
    return Json(get_reconstruction(service, caller, organization_id))


@router.delete(
    "/v1/organizations/{organization_id}/reconstruction",
    operation_id="liftReconstruction",
    summary="Clear an organization of suspected reconstruction",
    responses=answer(200, ReconstructionOfOrganization, "Lifted.") | problems(404),
)
def lift(service: ServiceOf, caller: CallerOf, organization_id: OrganizationId) -> Json:
    """Needs role `admin` in the organization that runs the deployment. Takes effect in every API process
    within about a second, and deletes the counts."""
    return Json(lift_reconstruction(service, caller, organization_id))
