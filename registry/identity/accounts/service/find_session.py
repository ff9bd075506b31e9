"""Who is signed in with a cookie?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from registry.core.errors import Unauthenticated
from registry.core.service import Service
from registry.identity.accounts.model import Signed
from registry.identity.accounts.store import sessions
from registry.identity.callers.model import Caller
from registry.identity.callers.service.authenticate import digest

_LONGEST: Final = 100


def find_session(service: Service, token: str) -> Signed:
    """Who is signed in. It says that the session is in use.

    Raises `Unauthenticated`: `not_signed_in` for a cookie that is nobody's, `session_over` for a session that
    was ended, is too old or was not used for long, or whose caller may call no more; `extra` holds the
    `account_id` of whom it was.
    """
    row: dict[str, Any] | None = None
    if 0 < len(token) <= _LONGEST:
        with service.pool.transaction() as connection:
            row = sessions.find(connection, digest(token), idle(service))
            if row and row["open"] and row["stale"]:
                sessions.seen(connection, row["session_id"])
    if row is None:
        raise Unauthenticated("Nobody is signed in.", code="not_signed_in", next_step="Sign in.")
    if not row["open"]:
        raise Unauthenticated(
            "This session is over.",
            code="session_over",
            next_step="Sign in again.",
            extra={"account_id": str(row["account_id"])},
        )
    return Signed(
        account_id=row["account_id"],
        session_id=row["session_id"],
        sign_in_name=row["sign_in_name"],
        organization=row["organization"],
        caller=Caller(row["caller_id"], row["organization_id"], row["name"], frozenset(row["roles"])),
    )


def idle(service: Service) -> timedelta:
    """How long a session may go unused."""
    return timedelta(minutes=service.settings.session_idle_minutes)
