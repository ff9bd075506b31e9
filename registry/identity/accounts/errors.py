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
    meaning = "Too many private cases have come today, or from there; see `Retry-After`."


class UnknownAccount(NotFound):
    meaning = "No account of that id in the key's organization."


class SignInNameTaken(Conflict):
    meaning = "Somebody signs in by that name."


class NotSignedIn(Unauthenticated):
    meaning = "On a page: nobody is signed in."
    message = "Nobody is signed in."
    next_step = "Sign in."


class SessionOver(Unauthenticated):
    meaning = "On a page: the session was ended, is too old or was not used for long."
    next_step = "Sign in again."


class WrongCredentials(Unauthenticated):
    meaning = "On a page: no account has that name and that password."
    next_step = "Try again, use a passkey, or ask an administrator for a new invitation."


class TooManyAttempts(TooMany):
    meaning = "On a page: too many attempts to sign in failed."


class BadPassword(BadInput):
    meaning = "On a page: a password has more than 256 characters."


class WrongPassword(Forbidden):
    meaning = "On a page: the current password is another one."


class UnknownInvitation(NotFound):
    meaning = "On a page: the invitation was used, replaced or is over."
    next_step = "Ask an administrator of your organization for a new one."


class PasskeyRefused(Unauthenticated):
    meaning = "On a page: a passkey is not known, or proves nothing."
    next_step = "Try again."


class PasskeyTaken(Conflict):
    meaning = "On a page: a passkey is somebody's already."


class PasskeysUnavailable(Conflict):
    meaning = "On a page: browsers have no passkeys for the service's address."
    next_step = "Set FAKEPRINT_PUBLIC_URL to https:// and a name, or use http://localhost."


class TooManyPasskeys(Conflict):
    meaning = "On a page: an account has 20 passkeys at most."


class TooManyViews(Conflict):
    meaning = "On a page: an account keeps 20 views of a list at most."
    next_step = "Forget one that you no longer use."


class UnknownPasskey(NotFound):
    meaning = "On a page: the account has no such passkey."


class LastMeans(Conflict):
    meaning = "On a page: it is the only way in that is left."


class NoProvider(NotFound):
    meaning = "On a page: the deployment has no OpenID provider."


class ProviderRefused(Unauthenticated):
    meaning = "On a page: the OpenID provider did not vouch for anybody."
    next_step = "Try again."


class ProviderUnlinked(Unauthenticated):
    meaning = "On a page: no account is linked to that identity."


class ProviderTaken(Conflict):
    meaning = "On a page: another account is linked to that identity."


class ProviderUnavailable(Unavailable):
    meaning = "On a page: the OpenID provider does not answer as one does."
