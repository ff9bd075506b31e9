"""Sessions of signed-in people. Only the digest of the cookie is stored."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)


def insert(
    connection: Connection, account_id: UUID, *, token: bytes, means: str, agent: str, lasts: timedelta
) -> UUID:
    """Insert a session. `token`: digest of the cookie."""
    row = connection.execute(
        _SQL["insert"],
        {"account_id": account_id, "token": token, "means": means, "agent": agent, "lasts": lasts},
    ).fetchone()
    assert row is not None  # noqa: S101 - an insert returns its row
    session_id: UUID = row["session_id"]
    return session_id


def find(connection: Connection, token: bytes, idle: timedelta) -> dict[str, Any] | None:
    """Return the session of a cookie, with the columns of its caller. A session that is over has `open`
    false."""
    return connection.execute(_SQL["find"], {"token": token, "idle": idle}).fetchone()


def touch(connection: Connection, session_id: UUID) -> None:
    """Record that the session was used now."""
    connection.execute(_SQL["touch"], {"session_id": session_id})


def open_sessions(connection: Connection, account_id: UUID, idle: timedelta) -> list[dict[str, Any]]:
    """Return the open sessions of an account, latest first."""
    return connection.execute(_SQL["open"], {"account_id": account_id, "idle": idle}).fetchall()


def end(
    connection: Connection, account_id: UUID, *, session_id: UUID | None = None, but: UUID | None = None
) -> int:
    """End one session, or all sessions of the account except `but`. Return how many ended."""
    parameters = {"account_id": account_id, "session_id": session_id, "but": but}
    return connection.execute(_SQL["end"], parameters).rowcount
