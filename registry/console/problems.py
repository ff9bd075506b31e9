"""Errors in plain words. The code is shown too, because readers quote it to support."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from registry.console.languages import N_, Words
from registry.core.errors import FakeprintError, TooMany


@dataclass(frozen=True, slots=True)
class Explained:
    """An error as shown on a page. `detail` is the service's own sentence, in English; empty if the plain
    words suffice."""

    code: str
    status: int
    title: str
    said: str
    detail: str
    next_step: str
    errors: list[dict[str, Any]] = field(default_factory=list)

    def of(self, name: str) -> str:
        """Return what is wrong with one field, if the error says so."""
        return next((str(error["message"]) for error in self.errors if error.get("where") == name), "")


TITLES: Final[Mapping[int, str]] = {
    400: N_("Something in this form cannot be taken"),
    401: N_("You are not signed in"),
    403: N_("This is not open to you"),
    404: N_("There is nothing here"),
    405: N_("There is nothing here"),
    409: N_("That does not go together"),
    413: N_("That is too large"),
    415: N_("That kind of file is not read here"),
    422: N_("This file cannot be read"),
    429: N_("Not so fast"),
    500: N_("Something went wrong here"),
    503: N_("The service is not available right now"),
}
EXPLANATIONS: Final[Mapping[str, str]] = {
    "not_found": N_("The address may be mistyped, or what was here is gone or not for you to see."),
    "forbidden": N_(
        "Your account lacks the role that this page needs. An administrator of your organization can give it."
    ),
    "not_operator": N_("This page is for whoever runs this service."),
    "form_refused": N_(
        "The form was open for too long, or came from elsewhere. Open the page again and send it from there."
    ),
    "form_outdated": N_(
        "You have signed in anew since this page was opened. What you typed is still here, without files and "
        "passwords: look it over and send it again."
    ),
    "form_without_cookie": N_(
        "Your browser sent no cookie with this form: it refuses them, or they were deleted. Let this site "
        "keep its cookies, then send it again."
    ),
    "form_kept": N_(
        "You were signed out in the meantime. What you typed is still here, without files and passwords: "
        "look it over and send it again."
    ),
    "wrong_credentials": N_("No account has this name and this password."),
    "wrong_password": N_("The current password is another one."),
    "too_many_attempts": N_(
        "Too many attempts to sign in failed. Wait a while before the next one, or use a passkey."
    ),
    "weak_password": N_(
        "A password needs 12 characters or more and must not be your name. A few words that nobody would put "
        "together are best."
    ),
    "too_large": N_(
        "That is more than is taken at once. Of a large file the fingerprint is enough: `fakeprint hash` "
        "makes it, and it can be sent instead."
    ),
    "bad_password": N_("A password has 256 characters at most."),
    "passwords_differ": N_("The two passwords are not the same."),
    "unknown_invitation": N_(
        "This invitation was used, replaced, or is older than a week. Ask an administrator of your "
        "organization for a new one."
    ),
    "passkey_refused": N_("That passkey was not accepted. Try again, or sign in another way."),
    "passkey_taken": N_("That passkey belongs to an account already."),
    "last_means": N_("This is the only way in that is left: set a password or add another passkey first."),
    "provider_refused": N_("The provider did not vouch for you, or it took too long. Try again."),
    "provider_unlinked": N_(
        "No account here is linked to that identity. Sign in another way, then link it under “My account”."
    ),
    "provider_taken": N_("Another account is linked to that identity."),
    "bad_label": N_("A name is empty, too long, or holds characters that cannot be seen."),
    "sign_in_name_taken": N_("Somebody signs in by that name."),
    "rate_limited": N_("You, or your organization, have asked as much as is allowed for now."),
    "quota_exhausted": N_("The day’s or month’s share of questions is used up."),
    "database_unavailable": N_(
        "A part of the service does not answer. Nothing is lost; try again in a minute."
    ),
    "internal": N_("That is our fault. Tell whoever runs this service the number below."),
}
"""Plain words by stable code. Other codes are explained by their status and the service's own sentence."""


def explained(error: FakeprintError, words: Words, more: Mapping[str, str]) -> Explained:
    """Explain an error in the reader's language, if `EXPLANATIONS` or `more` has its code."""
    plain = EXPLANATIONS.get(error.code) or more.get(error.code, "")
    status = error.status
    title = TITLES.get(status) or TITLES[500 if status >= 500 else 400]
    wait = ""
    if isinstance(error, TooMany):
        count = error.retry_after
        wait = words.several("Try again in %(count)s second.", "Try again in %(count)s seconds.", count)
    return Explained(
        code=error.code,
        status=status,
        title=words.text(title),
        said=words.text(plain) if plain else "",
        detail="" if plain else error.message,
        next_step=wait or ("" if plain else error.next_step or ""),
        errors=list(error.extra.get("errors", ())),
    )
