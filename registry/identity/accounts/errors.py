"""Errors of accounts, sign-in and sessions; most appear only on pages."""

from __future__ import annotations

from registry.core.errors import (
    BadInput,
    Conflict,
    Forbidden,
    NotFound,
    TooMany,
    Unauthenticated,
    Unavailable,
)


class TooManyCases(TooMany):
    meaning = "Too many private cases were opened today, or from this network; see `Retry-After`."


class UnknownAccount(NotFound):
    meaning = "No account of that id in the key's organization."


class SignInNameTaken(Conflict):
    meaning = "Another account has that sign-in name."


class NotSignedIn(Unauthenticated):
    meaning = "On a page: nobody is signed in."
    message = "Nobody is signed in."
    next_step = "Sign in."


class SessionOver(Unauthenticated):
    meaning = "On a page: the session was ended, is too old or was unused for too long."
    next_step = "Sign in again."


class WrongCredentials(Unauthenticated):
    meaning = "On a page: no account has that name and that password."
    next_step = "Try again, use a passkey, or ask an administrator for a new invitation."


class TooManyAttempts(TooMany):
    meaning = "On a page: too many attempts to sign in failed."


class BadPassword(BadInput):
    meaning = "On a page: a password has more than 256 characters."


class WrongPassword(Forbidden):
    meaning = "On a page: the current password is wrong."


class UnknownInvitation(NotFound):
    meaning = "On a page: the invitation was used or replaced, or has expired."
    next_step = "Ask an administrator of your organization for a new one."


class PasskeyRefused(Unauthenticated):
    meaning = "On a page: a passkey is unknown, or its response is not valid."
    next_step = "Try again."


class PasskeyTaken(Conflict):
    meaning = "On a page: the passkey already belongs to an account."


class PasskeysUnavailable(Conflict):
    meaning = "On a page: browsers support no passkeys at the service's address."
    next_step = "Set FAKEPRINT_PUBLIC_URL to https:// and a name, or use http://localhost."


class TooManyPasskeys(Conflict):
    meaning = "On a page: an account has at most 20 passkeys."


class TooManyViews(Conflict):
    meaning = "On a page: an account has at most 20 saved views of a list."
    next_step = "Delete one that you no longer use."


class UnknownPasskey(NotFound):
    meaning = "On a page: the account has no such passkey."


class LastMeans(Conflict):
    meaning = "On a page: it is the account's only means of signing in."


class NoProvider(NotFound):
    meaning = "On a page: the deployment has no OpenID provider."


class ProviderRefused(Unauthenticated):
    meaning = "On a page: the OpenID provider did not confirm the sign-in."
    next_step = "Try again."


class ProviderUnlinked(Unauthenticated):
    meaning = "On a page: no account is linked to that identity."


class ProviderTaken(Conflict):
    meaning = "On a page: another account is linked to that identity."


class ProviderUnavailable(Unavailable):
    meaning = "On a page: the OpenID provider does not answer, or not as the standard requires."
