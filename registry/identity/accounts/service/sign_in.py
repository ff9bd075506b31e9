"""Sign in by name and password."""

from __future__ import annotations

from registry.core.errors import BadInput, Unauthenticated
from registry.core.service import Service
from registry.identity.accounts.model import LONGEST_NAME, normalised
from registry.identity.accounts.model import sign_in_name as name_of
from registry.identity.accounts.service.open_session import open_session
from registry.identity.accounts.service.passwords import verified
from registry.identity.accounts.service.throttle import note_failure, require_patience, subjects
from registry.identity.accounts.store import accounts


def sign_in(service: Service, *, name: str, password: str, agent: str, address: str) -> str:
    """The cookie of a new session.

    1. While too many attempts failed, nothing is looked at (`TooMany`, `too_many_attempts`).
    2. The password is hashed whether or not there is such an account, so that time tells nothing.
    3. What is wrong is not told apart (`Unauthenticated`, `wrong_credentials`), and counted.
    """
    known = _named(name)
    require_patience(service, known, address)
    with service.pool.transaction() as connection:
        account = accounts.able(connection, sign_in_name=known)
    right, anew = verified(normalised(password), account["password_hash"] if account else None)
    if not right or account is None:
        note_failure(service, known, address)
        raise Unauthenticated(
            "No account has this name and this password.",
            code="wrong_credentials",
            next_step="Try again, use a passkey, or ask an administrator for a new invitation.",
        )
    with service.pool.transaction() as connection:
        if anew:
            accounts.set_password(connection, account["account_id"], anew)
        accounts.succeeded(connection, subjects(service, known, address)[:1])
        return open_session(connection, service, account["account_id"], means="password", agent=agent)


def _named(name: str) -> str:
    """A name that may be somebody's: what is none is treated like one that is nobody's."""
    try:
        return name_of(name)
    except BadInput:
        return name[:LONGEST_NAME].casefold().replace("\0", "")
