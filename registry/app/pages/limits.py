"""How much an organization may ask and keep, all told; whoever runs the service sets it, one by one."""

from __future__ import annotations

from typing import Any, Final

from starlette.responses import Response

from registry.app.service.show_limits import show_limits
from registry.catalogue.banks.schemas import OrganizationLimits
from registry.catalogue.banks.service.contents import limit_bank
from registry.console.fields import area, bank_limits, limits
from registry.console.view import Page, Shown, as_uuid
from registry.identity.organizations.service.organizations import change_organization
from registry.identity.quotas.service import limit_caller

PATH: Final = "/admin/organizations/{organization_id}/limits"


@area.page(PATH, operation="showLimits")
def all_limits(page: Page) -> Shown:
    """Those of the organization, its callers and its banks; the form of one of them, where it is chosen."""
    organization_id = page.uuid("organization_id")
    found = show_limits(page.service, page.caller, organization_id, after=page.query("after") or None)
    return page.show("admin/limits.html", found=found, **_chosen(page, found))


@area.form(PATH, operation="changeOrganization", again=all_limits)
def of_all(page: Page) -> Response:
    """Of all its callers together."""
    organization_id = page.uuid("organization_id")
    change_organization(page.service, page.caller, organization_id, limits=limits(page))
    return _back(page)


@area.form(f"{PATH}/caller", operation="limitCaller", again=all_limits)
def of_caller(page: Page) -> Response:
    """Of one caller."""
    limit_caller(page.service, page.caller, as_uuid(page.typed.text("caller")), limits(page))
    return _back(page)


@area.form(f"{PATH}/bank", operation="limitBank", again=all_limits)
def of_bank(page: Page) -> Response:
    """Of one bank."""
    bank_id = as_uuid(page.typed.text("bank"))
    limit_bank(page.service, page.caller, str(bank_id), bank_limits(page))
    return _back(page)


def _chosen(page: Page, found: OrganizationLimits) -> dict[str, Any]:
    """Whose form is shown: `what` (organization, caller, bank) and `one` of them; None: nobody's."""
    nobody = {"what": None, "one": None}
    if not page.may("changeOrganization") or found.state != "active":
        return nobody
    if wanted := page.typed.text("caller") or page.query("caller"):
        return _form("caller", {caller.caller_id: caller for caller in found.callers}.get(wanted))
    if wanted := page.typed.text("bank") or page.query("bank"):
        return _form("bank", {bank.bank_id: bank for bank in found.banks}.get(wanted))
    return _form("organization", found) if page.typed or page.query("all") else nobody


def _form(what: str, one: object | None) -> dict[str, Any]:
    return {"what": what if one else None, "one": one}


def _back(page: Page) -> Response:
    return page.go(f"/admin/organizations/{page.uuid('organization_id')}/limits", "limits_set")
