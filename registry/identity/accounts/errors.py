"""Error codes of accounts, sign-in and sessions; most appear only on pages. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

ACCOUNTS: Final[Mapping[str, tuple[str, str]]] = {
    "unknown_account": ("404", "No account of that id in the key's organization."),
    "sign_in_name_taken": ("409", "Somebody signs in by that name."),
    "not_signed_in": ("401", "On a page: nobody is signed in."),
    "session_over": ("401", "On a page: the session was ended, is too old or was not used for long."),
    "wrong_credentials": ("401", "On a page: no account has that name and that password."),
    "too_many_attempts": ("429", "On a page: too many attempts to sign in failed."),
    "weak_password": ("400", "On a page: a password has fewer than 12 characters, or is the name."),
    "bad_password": ("400", "On a page: a password has more than 256 characters."),
    "passwords_differ": ("400", "On a page: a password was typed twice, differently."),
    "wrong_password": ("403", "On a page: the current password is another one."),
    "unknown_invitation": ("404", "On a page: the invitation was used, replaced or is over."),
    "passkey_refused": ("401", "On a page: a passkey is not known, or proves nothing."),
    "passkey_taken": ("409", "On a page: a passkey is somebody's already."),
    "passkeys_unavailable": ("409", "On a page: browsers have no passkeys for the service's address."),
    "too_many_passkeys": ("409", "On a page: an account has 20 passkeys at most."),
    "too_many_views": ("409", "On a page: an account keeps 20 views of a list at most."),
    "unknown_passkey": ("404", "On a page: the account has no such passkey."),
    "last_means": ("409", "On a page: it is the only way in that is left."),
    "no_provider": ("404", "On a page: the deployment has no OpenID provider."),
    "provider_refused": ("401", "On a page: the OpenID provider did not vouch for anybody."),
    "provider_unlinked": ("401", "On a page: no account is linked to that identity."),
    "provider_taken": ("409", "On a page: another account is linked to that identity."),
    "provider_unavailable": ("503", "On a page: the OpenID provider does not answer as one does."),
    "form_refused": ("403", "On a page: the form was not made there, or is too old."),
    "form_kept": ("400", "On a page: a form that met the end of its session, shown again."),
}
"""code -> its HTTP statuses and its meaning."""
