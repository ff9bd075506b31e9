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
    400: N_("Something in this form is not valid"),
    401: N_("You are not signed in"),
    403: N_("You have no access to this page"),
    404: N_("Page not found"),
    405: N_("Page not found"),
    409: N_("These inputs contradict each other"),
    413: N_("Too large"),
    415: N_("This kind of file is not supported"),
    422: N_("This file cannot be read"),
    429: N_("Too many requests"),
    500: N_("Something went wrong here"),
    503: N_("The service is not available right now"),
}
EXPLANATIONS: Final[Mapping[str, str]] = {
    "not_found": N_("The address may be wrong, the page may be gone, or you may not have access to it."),
    "forbidden": N_(
        "Your account does not have the role that this page needs. Ask an administrator of your organization."
    ),
    "not_operator": N_("This page is for operators of this service."),
    "form_refused": N_(
        "The form was open for too long, or came from another site. Open the page again and send it "
        "from there."
    ),
    "form_outdated": N_(
        "You signed in again after this page was opened. Your text is still here, without files and "
        "passwords. Check it and send it again."
    ),
    "form_without_cookie": N_(
        "Your browser sent no cookie with this form. Allow cookies for this site, then send it again."
    ),
    "form_kept": N_(
        "You were signed out. Your text is still here, without files and passwords. Check it and send "
        "it again."
    ),
    "wrong_credentials": N_("No account has this name and this password."),
    "wrong_password": N_("The current password is wrong."),
    "too_many_attempts": N_(
        "Too many attempts to sign in failed. Wait a while before the next one, or use a passkey."
    ),
    "weak_password": N_(
        "A password needs 12 characters or more and must not be your name. A few words that nobody would put "
        "together are best."
    ),
    "too_large": N_(
        "That is too much at once. For a large file, create a fingerprint document with `fakeprint "
        "hash` and send that."
    ),
    "bad_password": N_("A password has 256 characters at most."),
    "passwords_differ": N_("The two passwords are not the same."),
    "unknown_invitation": N_(
        "This invitation was used, replaced, or is older than a week. Ask an administrator of your "
        "organization for a new one."
    ),
    "passkey_refused": N_("That passkey was not accepted. Try again, or sign in another way."),
    "passkey_taken": N_("That passkey belongs to an account already."),
    "last_means": N_("This is your last way to sign in. Set a password or add another passkey first."),
    "provider_refused": N_("The provider did not confirm your identity, or took too long. Try again."),
    "provider_unlinked": N_(
        "No account here is linked to that identity. Sign in another way, then link it under “My account”."
    ),
    "provider_taken": N_("Another account is linked to that identity."),
    "bad_label": N_("A name is empty, too long, or contains invisible characters."),
    "sign_in_name_taken": N_("That name is already in use. Choose another."),
    "rate_limited": N_("You or your organization reached a limit. Wait before you try again."),
    "quota_exhausted": N_("The limit of lookups for the day or month is reached."),
    "database_unavailable": N_(
        "Part of the service is not responding. Nothing is lost. Try again in a minute."
    ),
    "internal": N_("This is our fault. Give the number below to the operator of this service."),
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
