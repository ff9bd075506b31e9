"""People who sign in to the console: passwords, passkeys, single sign-on, sessions, saved views.

Owns: `account`, `account_passkey`, `account_session`, `account_ceremony`, `account_attempt`, `account_view`,
`console_secret`.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from registry.identity.accounts.store.accounts import delete_expired
else:
    from registry.core.faces import lazily

    __getattr__ = lazily(__name__)

__all__ = [
    "delete_expired",
]
