"""A guided path for the first administrator: organization, bank, key, person. Each step is a page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from registry.app.pages.accounts import invite_typed
from registry.app.service.bootstrap import ORGANIZATION
from registry.catalogue.banks import model as policies
from registry.catalogue.banks.model import PRESETS
from registry.catalogue.banks.schemas import ListedBank
from registry.catalogue.banks.service.banks import change_bank, create_bank, list_banks
from registry.console.fields import area, wrong
from registry.console.languages import N_
from registry.console.view import Page, Shown
from registry.identity.accounts.service.accounts import list_accounts
from registry.identity.callers.schemas import ShownCaller
from registry.identity.callers.service.callers import list_callers
from registry.identity.callers.service.keys import create_caller
from registry.identity.organizations.service.organizations import change_organization, get_organization
from registry.matching.lookups.pages.policy import PRESET_WORDS

area.says = {
    **area.says,
    "begin_organization": N_("Your organization has its name."),
    "begin_bank": N_("The bank is ready. You can register the first fake."),
}
EXAMPLE: Final = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
"""SHA-256 of an empty file, for a command that answers everywhere."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step: its page, whether it is done, and with what."""

    path: str
    title: str
    text: str
    done: str | None
    """What was chosen; None: not done yet."""


@area.page("/admin/begin", operation="listAccounts")
def begin(page: Page) -> Shown:
    """Show the steps, those that are done, and the next."""
    steps = _steps(page)
    following = next((step for step in steps if step.done is None), None)
    return page.show("admin/begin/steps.html", steps=steps, following=following)


@area.page("/admin/begin/organization", operation="changeOrganization")
def organization(page: Page) -> Shown:
    """Show the form for the organization's name."""
    own = get_organization(page.service, page.caller, page.caller.organization_id)
    name = "" if own.name == ORGANIZATION else own.name
    return page.show("admin/begin/organization.html", name=name)


@area.form("/admin/begin/organization", operation="changeOrganization", again=organization)
def name_organization(page: Page) -> Response:
    """Name the organization."""
    change_organization(
        page.service, page.caller, page.caller.organization_id, name=page.typed.text("name").strip()
    )
    return page.go("/admin/begin", "begin_organization")


@area.page("/admin/begin/bank", operation="createBank")
def bank(page: Page) -> Shown:
    """Show the presets and the form for the first bank."""
    own = _own_banks(page)
    return page.show(
        "admin/begin/bank.html",
        bank=own[0] if own else None,
        presets=[(item, *PRESET_WORDS[item.code]) for item in PRESETS],
        chosen="",
        copies=policies.COPIES,
        strangers=policies.STRANGERS,
    )


@area.form("/admin/begin/bank", operation="createBank", again=bank)
def choose_policy(page: Page) -> Response:
    """Create the bank, or change the one of that name, with the settings of a preset."""
    typed = page.typed
    preset = next((item for item in PRESETS if item.code == typed.text("preset")), None)
    if preset is None:
        raise wrong("bad_input", "preset", page.words.text("Choose one of the three."))
    name, visibility = typed.text("name").strip(), typed.text("visibility") or None
    existing = next((item for item in _own_banks(page) if item.name == name), None)
    if existing is None:
        create_bank(page.service, page.caller, name=name, visibility=visibility, policy=preset.settings)
    else:
        change_bank(
            page.service, page.caller, str(existing.bank_id), dict(preset.settings), visibility=visibility
        )
    return page.go("/admin/begin", "begin_bank")


@area.page("/admin/begin/key", operation="createCaller")
def key(page: Page) -> Shown:
    """Show the form for the first key."""
    return page.show("admin/begin/key.html")


@area.form("/admin/begin/key", operation="createCaller", again=key)
def create_key(page: Page) -> Shown:
    """Create a program's key. It is shown only here, with commands that use it."""
    roles = ["lookup", *(["register"] if page.typed.given("register") else [])]
    made = create_caller(
        page.service, page.caller, organization=None, name=page.typed.text("name"), roles=roles
    )
    return page.show(
        "admin/begin/key_made.html",
        name=made.name,
        key=made.key,
        origin=page.origin,
        example=EXAMPLE,
        status=201,
    )


@area.page("/admin/begin/person", operation="addAccount")
def person(page: Page) -> Shown:
    """Show the form for the first person."""
    return page.show("admin/begin/person.html")


@area.form("/admin/begin/person", operation="addAccount", again=person)
def invite(page: Page) -> Shown:
    """Invite a person. The link is shown only here."""
    return invite_typed(page, "/admin/begin")


def _steps(page: Page) -> list[Step]:
    people = list_accounts(page.service, page.caller, limit=2).accounts
    other = next((item for item in people if item.caller_id != str(page.caller.caller_id)), None)
    programs = [item for item in list_callers(page.service, page.caller).callers if _is_program(item)]
    chosen = [item for item in _own_banks(page) if "min_confidence" in (item.policy or {})]
    steps = [
        Step(
            "/admin/begin/bank",
            N_("Choose how strict the first bank is"),
            N_("A bank holds known fakes. Its policy says when an answer is “Known fake”."),
            chosen[0].name if chosen else None,
        ),
        Step(
            "/admin/begin/key",
            N_("Create the first key"),
            N_("A program looks up and registers files with a key."),
            programs[0].name if programs else None,
        ),
        Step(
            "/admin/begin/person",
            N_("Invite the first person"),
            N_("People sign in to this console. You choose what each may do."),
            other.name if other else None,
        ),
    ]
    if page.may("changeOrganization"):
        name = get_organization(page.service, page.caller, page.caller.organization_id).name
        naming = Step(
            "/admin/begin/organization",
            N_("Name your organization"),
            N_("Others see this name beside your entries, and it stands in invitations."),
            None if name == ORGANIZATION else name,
        )
        steps.insert(0, naming)
    return steps


def _is_program(caller: ShownCaller) -> bool:
    """Whether it is a program with a key of its own, not the administrator's first key."""
    return bool(caller.keys) and "lookup" in caller.roles and "admin" not in caller.roles


def _own_banks(page: Page) -> list[ListedBank]:
    return [item for item in list_banks(page.service, page.caller) if item.own and item.kind == "fakes"]
