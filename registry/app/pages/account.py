"""Pages to sign in and out, to accept an invitation, and to manage the own account."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Final

from starlette.responses import JSONResponse, Response

from registry.app.errors import PasswordsDiffer
from registry.console.answering import sign_in_means
from registry.console.area import EVERYBODY, SIGNED_IN, Area
from registry.console.languages import N_
from registry.console.view import Page, Shown, as_uuid
from registry.core.errors import FakeprintError
from registry.identity.accounts.service import passkeys, provider
from registry.identity.accounts.service.accounts import accept_invitation, get_invitation, get_own_account
from registry.identity.accounts.service.sessions import (
    change_password,
    end_other_sessions,
    end_session,
    sign_in,
)

area = Area(
    "account",
    says={
        "signed_out": N_("You are signed out."),
        "password_changed": N_("The password is changed. You were signed out everywhere else."),
        "passkey_added": N_("The passkey is added. You can sign in with it from now on."),
        "passkey_removed": N_("The passkey is removed."),
        "session_ended": N_("That browser is signed out."),
        "sessions_ended": N_("You are signed out everywhere else."),
        "welcome": N_("Welcome. Your account is open."),
        "provider_linked": N_("Your account is linked. From now on you can sign in with that provider."),
    },
)

MEANS: Final = {
    "password": N_("by password"),
    "passkey": N_("by passkey"),
    "oidc": N_("by provider"),
    "invitation": N_("by invitation"),
}


@area.page("/sign-in", operation=EVERYBODY)
def sign_in_page(page: Page) -> Shown | Response:
    """Sign in."""
    if page.signed_or_none is not None and page.error is None:
        return page.go(page.query("back", "/"))
    back, signed_form = page.typed.text("back") or page.query("back"), page.typed.text("kept_form")
    return page.show(
        "account/sign_in.html", back=back, kept=signed_form, over=bool(signed_form), **sign_in_means(page)
    )


@area.form("/sign-in", operation=EVERYBODY, again=sign_in_page, most=8 << 20)
def by_password(page: Page) -> Shown | Response:
    """Sign in by name and password."""
    page.token = sign_in(
        page.service,
        name=page.typed.text("name"),
        password=page.typed.text("password"),
        agent=page.agent,
        address=page.client,
    )
    return come_in(page)


@area.form("/sign-in/passkey/options", operation=EVERYBODY, again=sign_in_page)
def passkey_challenge(page: Page) -> Response:
    """Return the WebAuthn challenge, for the page's script."""
    return challenge_response(
        lambda: passkeys.begin_signing_in_by_passkey(page.service, origin=page.origin, address=page.client)
    )


@area.form("/sign-in/passkey", operation=EVERYBODY, again=sign_in_page, most=8 << 20)
def by_passkey(page: Page) -> Shown | Response:
    """Sign in by passkey."""
    page.token = passkeys.sign_in_by_passkey(
        page.service,
        token=page.typed.text("token"),
        credential=page.typed.text("credential"),
        origin=page.origin,
        agent=page.agent,
        address=page.client,
    )
    return come_in(page)


@area.form("/sign-in/provider", operation=EVERYBODY, again=sign_in_page)
def to_provider(page: Page) -> Shown:
    """Go to the provider, to sign in or to link the account. A page does this: the content security policy
    forbids forms to redirect to other hosts."""
    linking = page.signed if page.typed.given("link") else None
    address = provider.begin(
        page.service,
        linking,
        browser=page.browser,
        back=page.typed.text("back", "/"),
        returning=f"{page.origin}/console/sign-in/provider/return",
    )
    return page.show("account/provider.html", address=address, name=provider.name(page.service))


@area.page("/sign-in/provider/return", operation=EVERYBODY)
def from_provider(page: Page) -> Response:
    """Handle the return from the provider."""
    result = provider.finish(
        page.service,
        page.signed_or_none,
        provider.AuthorizationResponse(page.query("state"), page.query("code"), page.query("iss")),
        browser=page.browser,
        agent=page.agent,
    )
    if result.token is None:
        return page.go("/account", "provider_linked")
    page.token = result.token
    return page.go(result.back or "/")


def come_in(page: Page) -> Shown | Response:
    """Return to the page that the person came from, or to the form that was interrupted by the end of a
    session."""
    back, signed_form = page.typed.text("back", "/"), page.typed.text("kept_form")
    if signed_form:
        return page.show("account/kept.html", back=back, kept=signed_form)
    return page.go(back or "/")


def _out(page: Page) -> Response:
    if page.signed_or_none is not None:
        end_session(page.service, page.signed, page.signed.session_id)
    page.token = ""
    return page.go("/sign-in", "signed_out")


@area.form("/sign-out", operation=EVERYBODY, again=_out)
def out(page: Page) -> Response:
    """Sign out in this browser, also from a page of an earlier session."""
    return _out(page)


@area.page("/account", operation=SIGNED_IN)
def own_account(page: Page) -> Shown:
    """Show the own account: means of signing in, and sessions."""
    return page.show(
        "account/mine.html",
        account=get_own_account(page.service, page.signed),
        means=MEANS,
        **sign_in_means(page),
    )


@area.form("/account/password", operation=SIGNED_IN, again=own_account)
def password(page: Page) -> Response:
    """Change the password."""
    _require_same(page)
    typed = page.typed
    change_password(
        page.service, page.signed, current=typed.text("current"), new=typed.text("new"), address=page.client
    )
    return page.go("/account", "password_changed")


@area.form("/account/sessions/end", operation=SIGNED_IN, again=own_account)
def end(page: Page) -> Response:
    """Sign out in another browser, or in all others."""
    session = page.typed.text("session")
    if not session:
        end_other_sessions(page.service, page.signed)
        return page.go("/account", "sessions_ended")
    end_session(page.service, page.signed, as_uuid(session))
    return page.go("/account", "session_ended")


@area.form("/account/passkeys/options", operation=SIGNED_IN, again=own_account)
def new_passkey_challenge(page: Page) -> Response:
    """Return the WebAuthn challenge, for the page's script."""
    return challenge_response(
        lambda: passkeys.begin_adding_passkey(page.service, page.signed, origin=page.origin)
    )


@area.form("/account/passkeys", operation=SIGNED_IN, again=own_account)
def add_passkey(page: Page) -> Response:
    """Add a passkey."""
    typed = page.typed
    passkeys.add_passkey(
        page.service,
        page.signed,
        token=typed.text("token"),
        credential=typed.text("credential"),
        name=typed.text("passkey_name"),
        origin=page.origin,
    )
    return page.go("/account", "passkey_added")


@area.form("/account/passkeys/remove", operation=SIGNED_IN, again=own_account)
def remove_passkey(page: Page) -> Response:
    """Remove a passkey."""
    passkeys.remove_passkey(page.service, page.signed, as_uuid(page.typed.text("passkey")))
    return page.go("/account", "passkey_removed")


@area.page("/invitations/{word}", operation=EVERYBODY)
def invited(page: Page) -> Shown:
    """Show an invitation, to choose a means of signing in."""
    return page.show(
        "account/invited.html",
        invitation=get_invitation(page.service, page.path("word")),
        passkeys=passkeys.relying_party(page.origin) is not None,
    )


@area.form("/invitations/{word}", operation=EVERYBODY, again=invited)
def accept(page: Page) -> Response:
    """Accept it with a password, or sign in and add a passkey."""
    with_password = page.typed.text("by") != "passkey"
    if with_password:
        _require_same(page)
    invitation = get_invitation(page.service, page.path("word"))
    page.token = accept_invitation(
        page.service,
        page.path("word"),
        password=page.typed.text("new") if with_password else None,
        agent=page.agent,
    )
    first = "/admin/begin" if "admin" in invitation.roles else "/"
    return page.go(first if with_password else "/account", "welcome")


def challenge_response(begin: Callable[[], passkeys.Challenge]) -> Response:
    """Answer the challenge, or the problem, as JSON for the page's script."""
    try:
        return JSONResponse(asdict(begin()))
    except FakeprintError as error:
        return JSONResponse({"code": error.code}, error.status)


def _require_same(page: Page) -> None:
    if page.typed.text("new") != page.typed.text("new_again"):
        raise PasswordsDiffer("The two passwords are not the same.")
