"""Accounts of the reader's organization, and the first page of the area."""

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
    """Redirect to the accounts."""
    return page.go("/admin/accounts")


@area.page("/admin/accounts", operation="listAccounts")
def accounts(page: Page) -> Shown:
    """List the accounts."""
    listed = list_accounts(page.service, page.caller, after=page.query("after") or None)
    return page.show("admin/accounts.html", accounts=listed.accounts, next=listed.next)


@area.form("/admin/accounts", operation="addAccount", again=accounts)
def add(page: Page) -> Shown:
    """Invite a person. The link is shown only here."""
    return invite_typed(page, "/admin/accounts")


def invite_typed(page: Page, back: str) -> Shown:
    """Invite the person of the form, and show the link. `back`: the page to go on with."""
    typed = page.typed
    invited = add_account(
        page.service,
        page.caller,
        sign_in_name=typed.text("sign_in_name"),
        name=typed.text("name"),
        roles=typed.all("roles"),
    )
    return show_invitation(page, invited, back)


@area.form("/admin/accounts/invite", operation="inviteAccount", again=accounts)
def invite(page: Page) -> Shown:
    """Invite a person again."""
    invited = invite_account(page.service, page.caller, as_uuid(page.typed.text("account")))
    return show_invitation(page, invited, "/admin/accounts")


@area.form("/admin/accounts/remove", operation="removeAccount", again=accounts)
def remove(page: Page) -> Response:
    """Remove an account."""
    remove_account(page.service, page.caller, as_uuid(page.typed.text("account")))
    return page.go("/admin/accounts", "account_removed")


def show_invitation(page: Page, invited: InvitedAccount, back: str) -> Shown:
    """Show the link of an invitation, this once. `back`: the page to go on with."""
    link = invited.invitation
    return page.show(
        "admin/secret.html",
        heading=N_("The invitation"),
        text=N_(
            "Send this link only to that person: anybody who opens it can choose the password. It works "
            "once, and it is shown only now."
        ),
        name=invited.name,
        label=N_("Link"),
        secret=link if "://" in link else page.origin + link,
        until=invited.invited_until,
        back=back,
        status=201,
    )
