"""Organizations: list, create, change, close."""

from __future__ import annotations

from starlette.responses import Response

from registry.app.service.closing import close_organization
from registry.console.fields import area, limits, wrong
from registry.console.view import Page, Shown
from registry.identity.organizations.service.organizations import (
    change_organization,
    create_organization,
    get_organization,
    list_organizations,
)
from registry.identity.quotas.model.limits import NO_LIMITS
from registry.matching.abuse.service import get_reconstruction, lift_reconstruction


@area.page("/admin/organizations", operation="listOrganizations")
def organizations(page: Page) -> Shown:
    """List the organizations."""
    listed = list_organizations(page.service, page.caller, after=page.query("after") or None)
    return page.show(
        "admin/organizations.html",
        organizations=listed.organizations,
        next=listed.next,
        no_limits=NO_LIMITS.shown(),
    )


@area.form("/admin/organizations", operation="createOrganization", again=organizations)
def create(page: Page) -> Response:
    """Create an organization."""
    created = create_organization(
        page.service, page.caller, name=page.typed.text("name"), limits=limits(page)
    )
    return page.go(f"/admin/organizations/{created.organization_id}", "organization_created")


@area.page("/admin/organizations/{organization_id}", operation="showOrganization")
def organization(page: Page) -> Shown:
    """Show an organization, and whether it is suspected of a reconstruction attack."""
    organization_id = page.uuid("organization_id")
    return page.show(
        "admin/organization.html",
        organization=get_organization(page.service, page.caller, organization_id),
        reconstruction=get_reconstruction(page.service, page.caller, organization_id),
        own=organization_id == page.caller.organization_id,
    )


@area.form("/admin/organizations/{organization_id}", operation="changeOrganization", again=organization)
def change(page: Page) -> Response:
    """Change its name and limits."""
    organization_id, name = page.uuid("organization_id"), page.typed.text("name")
    new_name = name if name != page.typed.text("was_name") else None
    change_organization(page.service, page.caller, organization_id, name=new_name, limits=limits(page))
    return page.go(f"/admin/organizations/{organization_id}", "organization_changed")


@area.form(
    "/admin/organizations/{organization_id}/reconstruction",
    operation="liftReconstruction",
    again=organization,
)
def lift(page: Page) -> Response:
    """Lift the refusal of near-identical hashes."""
    organization_id = page.uuid("organization_id")
    lift_reconstruction(page.service, page.caller, organization_id)
    return page.go(f"/admin/organizations/{organization_id}", "reconstruction_lifted")


@area.page("/admin/organizations/{organization_id}/close", operation="closeOrganization")
def closing(page: Page) -> Shown:
    """Show the consequences of closing, and ask for confirmation."""
    row = get_organization(page.service, page.caller, page.uuid("organization_id"))
    return page.show("admin/organization_close.html", organization=row)


@area.form("/admin/organizations/{organization_id}/close", operation="closeOrganization", again=closing)
def close(page: Page) -> Response:
    """Close it for good, if its name was typed."""
    organization_id = page.uuid("organization_id")
    row = get_organization(page.service, page.caller, organization_id)
    if page.typed.text("confirmation").strip() != row.name.strip():
        raise wrong("bad_input", "confirmation", page.words.text("That is not its name."))
    close_organization(
        page.service,
        page.caller,
        organization_id,
        entries="keep" if page.typed.text("entries") == "keep" else "withdraw",
    )
    return page.go(f"/admin/organizations/{organization_id}", "organization_closed")
