"""Pages of those who accept private cases: whether, into which bank, and the list of cases."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from registry.catalogue.banks.service.banks import create_bank, list_banks
from registry.console.fields import area, wrong
from registry.console.languages import N_
from registry.console.view import Page, Shown
from registry.intake.service.cases import list_cases
from registry.intake.service.settings import change_intake, get_intake

POLICY: Final = {"known_tier": "reviewed"}
"""Policy of a new bank for private cases: unreviewed entries are known fakes to nobody."""
STATES: Final = {
    "waiting": N_("Waiting for a review"),
    "confirmed": N_("Confirmed"),
    "contested": N_("Contested"),
    "declined": N_("Declined"),
    "withdrawn": N_("Withdrawn by the person"),
    "ended": N_("Ended"),
}

area.says = {
    **area.says,
    "intake_open": N_("Private cases are accepted from now on."),
    "intake_closed": N_("No new private cases are accepted."),
}
area.explains = {
    **area.explains,
    "unfit_bank": N_(
        "That bank does not suit private cases. It must hold known fakes, not be public, not be published, "
        "and call an entry a known fake only after its review."
    ),
}


@area.page("/admin/private-cases", operation="changeIntake")
def intake(page: Page) -> Shown:
    """Show whether private cases are accepted."""
    banks = [bank for bank in list_banks(page.service, page.caller) if bank.own and bank.kind == "fakes"]
    return page.show("admin/cases/intake.html", intake=get_intake(page.service), banks=banks)


@area.form("/admin/private-cases", operation="changeIntake", again=intake)
def accept(page: Page) -> Response:
    """Accept private cases into a bank, which may be a new one."""
    typed = page.typed
    bank, name = typed.text("bank"), typed.text("name").strip()
    if not bank:
        if not name:
            raise wrong("bad_input", "name", page.words.text("Name the new bank, or choose one above."))
        created = create_bank(page.service, page.caller, name=name, visibility="shared", policy=POLICY)
        bank = created.bank_id
    change_intake(page.service, page.caller, bank)
    return page.go("/admin/private-cases", "intake_open")


@area.form("/admin/private-cases/stop", operation="changeIntake", again=intake)
def stop(page: Page) -> Response:
    """Accept no new cases."""
    change_intake(page.service, page.caller, None)
    return page.go("/admin/private-cases", "intake_closed")


@area.page("/cases", operation="listCases")
def cases(page: Page) -> Shown:
    """List the private cases of the organization, for reviewers."""
    found = list_cases(page.service, page.caller, after=page.query("after") or None)
    return page.show("admin/cases/cases.html", cases=found.cases, next=found.next, states=STATES)
