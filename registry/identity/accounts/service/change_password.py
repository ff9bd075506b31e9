"""Give oneself another password."""

from __future__ import annotations

from registry.core.errors import Forbidden
from registry.core.service import Service
from registry.identity.accounts.model import Signed, checked_password, normalised
from registry.identity.accounts.service.passwords import hashed, verified
from registry.identity.accounts.service.throttle import note_failure, require_patience
from registry.identity.accounts.store import accounts, sessions


def change_password(service: Service, signed: Signed, *, current: str, new: str, address: str) -> int:
    """The new password holds from this commit on, and every other session of the account ends; how many did.
    `current` is asked for where there is a password.

    Raises `BadInput` (`weak_password`, `bad_password`), `Forbidden` (`wrong_password`), `TooMany`
    (`too_many_attempts`).
    """
    word = checked_password(new, signed.sign_in_name)
    require_patience(service, signed.sign_in_name, address)
    with service.pool.transaction() as connection:
        account = accounts.able(connection, account_id=signed.account_id)
    kept = account["password_hash"] if account else None
    if kept and not verified(normalised(current), kept)[0]:
        note_failure(service, signed.sign_in_name, address)
        raise Forbidden("The current password is another one.", code="wrong_password")
    anew = hashed(word)
    with service.pool.transaction() as connection:
        accounts.lock(connection, signed.account_id)
        accounts.set_password(connection, signed.account_id, anew)
        return sessions.end(connection, signed.account_id, but=signed.session_id)
