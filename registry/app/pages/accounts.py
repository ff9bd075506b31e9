"""People who sign in for the reader's organization; and the first page of the area."""

from __future__ import annotations

from starlette.responses import Response

from registry.console.fields import area
from registry.console.languages import N_
from registry.console.view import Page, Shown, as_uuid
from registry.identity.accounts.schemas import InvitedAccount
from registry.identity.accounts.service.accounts import (
    add_account,
    invite_account,
    list_accounts,
    remove_account,
)


@area.page("/admin", operation="listAccounts")
def first(page: Page) -> Response:
    """To what most come for."""
    return page.go("/admin/accounts")


@area.page("/admin/accounts", operation="listAccounts")
def accounts(page: Page) -> Shown:
    """Who signs in."""
    found = list_accounts(page.service, page.caller, after=page.query("after") or None)
    return page.show("admin/accounts.html", accounts=found.accounts, next=found.next)


@area.form("/admin/accounts", operation="addAccount", again=accounts)
def add(page: Page) -> Shown:
    """Invite somebody: the link is shown this once."""
    typed = page.typed
    made = add_account(
        page.service,
        page.caller,
        sign_in_name=typed.text("sign_in_name"),
        name=typed.text("name"),
        roles=typed.all("roles"),
    )
    return _invitation(page, made)


@area.form("/admin/accounts/invite", operation="inviteAccount", again=accounts)
def invite(page: Page) -> Shown:
    """Invite somebody again."""
    return _invitation(page, invite_account(page.service, page.caller, as_uuid(page.typed.text("account"))))


@area.form("/admin/accounts/remove", operation="removeAccount", again=accounts)
def remove(page: Page) -> Response:
    """Let somebody in no longer."""
    remove_account(page.service, page.caller, as_uuid(page.typed.text("account")))
    return page.go("/admin/accounts", "account_removed")


def _invitation(page: Page, made: InvitedAccount) -> Shown:
    link = made.invitation
    return page.show(
        "admin/secret.html",
        heading=N_("The invitation"),
        text=N_(
            "Send this link only to that person: anybody who opens it can choose the password. It works "
            "once, and it is shown only now."
        ),
        name=made.name,
        label=N_("Link"),
        secret=link if "://" in link else page.origin + link,
        until=made.invited_until,
        back="/admin/accounts",
        status=201,
    )
