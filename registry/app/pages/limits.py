"""Limits and usage of an organization. The operating organization sets the limits."""

from __future__ import annotations

from typing import Any, Final

from starlette.responses import Response

from registry.app.service.limits import get_limits
from registry.catalogue.banks.schemas import OrganizationLimits
from registry.catalogue.banks.service.contents import limit_bank
from registry.console.fields import area, bank_limits, limits
from registry.console.view import Page, Shown, as_uuid
from registry.identity.organizations.service.organizations import change_organization
from registry.identity.quotas.service import limit_caller

PATH: Final = "/admin/organizations/{organization_id}/limits"


@area.page(PATH, operation="showLimits")
def all_limits(page: Page) -> Shown:
    """Show the limits of the organization, its callers and its banks, and the form of the chosen one."""
    organization_id = page.uuid("organization_id")
    usage = get_limits(page.service, page.caller, organization_id, after=page.query("after") or None)
    return page.show("admin/limits.html", found=usage, **_chosen(page, usage))


@area.form(PATH, operation="changeOrganization", again=all_limits)
def of_all(page: Page) -> Response:
    """Set the limits of all its callers together."""
    organization_id = page.uuid("organization_id")
    change_organization(page.service, page.caller, organization_id, limits=limits(page))
    return _back(page)


@area.form(f"{PATH}/caller", operation="limitCaller", again=all_limits)
def of_caller(page: Page) -> Response:
    """Set the limits of one caller."""
    limit_caller(page.service, page.caller, as_uuid(page.typed.text("caller")), limits(page))
    return _back(page)


@area.form(f"{PATH}/bank", operation="limitBank", again=all_limits)
def of_bank(page: Page) -> Response:
    """Set the limits of one bank."""
    bank_id = as_uuid(page.typed.text("bank"))
    limit_bank(page.service, page.caller, str(bank_id), bank_limits(page))
    return _back(page)


def _chosen(page: Page, usage: OrganizationLimits) -> dict[str, Any]:
    """Return the object whose form is shown: `what` (organization, caller or bank) and `one`; None: no
    form."""
    nobody = {"what": None, "one": None}
    if not page.may("changeOrganization") or usage.state != "active":
        return nobody
    if chosen_id := page.typed.text("caller") or page.query("caller"):
        return _form("caller", {caller.caller_id: caller for caller in usage.callers}.get(chosen_id))
    if chosen_id := page.typed.text("bank") or page.query("bank"):
        return _form("bank", {bank.bank_id: bank for bank in usage.banks}.get(chosen_id))
    return _form("organization", usage) if page.typed or page.query("all") else nobody


def _form(kind: str, subject: object | None) -> dict[str, Any]:
    return {"what": kind if subject else None, "one": subject}


def _back(page: Page) -> Response:
    return page.go(f"/admin/organizations/{page.uuid('organization_id')}/limits", "limits_set")
