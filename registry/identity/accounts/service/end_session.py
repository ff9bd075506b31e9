"""Sign out here, elsewhere, or everywhere else."""

from __future__ import annotations

from uuid import UUID

from registry.core.service import Service
from registry.identity.accounts.model import Signed
from registry.identity.accounts.store import sessions


def end_session(service: Service, signed: Signed, session_id: UUID) -> bool:
    """End one of the own sessions. False where it is none of them, or was over."""
    with service.pool.transaction() as connection:
        return sessions.end(connection, signed.account_id, session_id=session_id) > 0


def end_other_sessions(service: Service, signed: Signed) -> int:
    """End all of the own sessions but this one; how many ended."""
    with service.pool.transaction() as connection:
        return sessions.end(connection, signed.account_id, but=signed.session_id)
