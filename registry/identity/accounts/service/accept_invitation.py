"""Accept an invitation: choose a password, or come in to add a passkey."""

from __future__ import annotations

from typing import Any

from registry.core.database.pool import Connection
from registry.core.errors import NotFound
from registry.core.service import Service
from registry.identity.accounts.model import checked_password
from registry.identity.accounts.service.open_session import open_session
from registry.identity.accounts.service.passwords import hashed
from registry.identity.accounts.store import accounts, sessions
from registry.identity.callers.service.authenticate import digest


def show_invitation(service: Service, word: str) -> dict[str, Any]:
    """`sign_in_name` of whom it invites. Raises `NotFound` (`unknown_invitation`)."""
    with service.pool.transaction() as connection:
        return {"sign_in_name": _open(connection, word)["sign_in_name"]}


def accept_invitation(service: Service, word: str, *, password: str | None, agent: str) -> str:
    """The cookie of a new session; the invitation is used up, every older session ends, and with `password`
    that one holds from now on. Without one, whoever came in adds a passkey or a provider, or has to be
    invited again.

    Raises `NotFound` (`unknown_invitation`), `BadInput` (`weak_password`, `bad_password`).
    """
    with service.pool.transaction() as connection:
        name = _open(connection, word)["sign_in_name"]
    anew = None if password is None else hashed(checked_password(password, name))
    with service.pool.transaction() as connection:
        account_id = _open(connection, word)["account_id"]
        accounts.lock(connection, account_id)
        _open(connection, word)  # of two at once the second comes too late
        if anew:
            accounts.set_password(connection, account_id, anew)
        sessions.end(connection, account_id)
        return open_session(connection, service, account_id, means="invitation", agent=agent)


def _open(connection: Connection, word: str) -> dict[str, Any]:
    row = accounts.able(connection, invited=digest(word))
    if row is None:
        raise NotFound(
            "This invitation is not open: it was used, replaced, or is older than a week.",
            code="unknown_invitation",
            next_step="Ask an administrator of your organization for a new one.",
        )
    return row
