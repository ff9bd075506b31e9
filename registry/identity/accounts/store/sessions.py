"""Sessions of people who are signed in. Of each only the digest of its cookie is kept."""

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
    """A new one. `token`: the cookie's digest."""
    row = connection.execute(
        _SQL["insert"],
        {"account_id": account_id, "token": token, "means": means, "agent": agent, "lasts": lasts},
    ).fetchone()
    assert row is not None  # noqa: S101 - an insert returns its row
    session_id: UUID = row["session_id"]
    return session_id


def find(connection: Connection, token: bytes, idle: timedelta) -> dict[str, Any] | None:
    """The session of a cookie, also one that is over (`open` false); the caller's columns beside it."""
    return connection.execute(_SQL["find"], {"token": token, "idle": idle}).fetchone()


def seen(connection: Connection, session_id: UUID) -> None:
    """It was used just now."""
    connection.execute(_SQL["seen"], {"session_id": session_id})


def open_ones(connection: Connection, account_id: UUID, idle: timedelta) -> list[dict[str, Any]]:
    """The open sessions of an account, the latest first."""
    return connection.execute(_SQL["open"], {"account_id": account_id, "idle": idle}).fetchall()


def end(
    connection: Connection, account_id: UUID, *, session_id: UUID | None = None, but: UUID | None = None
) -> int:
    """End the session named, or all of the account but one; how many ended."""
    given = {"account_id": account_id, "session_id": session_id, "but": but}
    return connection.execute(_SQL["end"], given).rowcount
