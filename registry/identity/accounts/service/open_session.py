"""Sign somebody in whose proof has been looked at."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Final
from uuid import UUID

from registry.core.database.pool import Connection
from registry.core.service import Service
from registry.identity.accounts.store import accounts, sessions
from registry.identity.callers.service.authenticate import digest

_AGENT: Final = 120


def open_session(
    connection: Connection, service: Service, account_id: UUID, *, means: str, agent: str
) -> str:
    """The new session's cookie: 256 random bits, shown this once. `means`: password, passkey, oidc or
    invitation; `agent`: browser and system in a few words. It uses an open invitation up."""
    token = secrets.token_urlsafe(32)
    sessions.insert(
        connection,
        account_id,
        token=digest(token),
        means=means,
        agent=agent[:_AGENT],
        lasts=timedelta(days=service.settings.session_days),
    )
    accounts.signed_in(connection, account_id)
    return token
