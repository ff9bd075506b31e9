"""Saved views of the console's lists: a name, and filters as a query string."""

from __future__ import annotations

from uuid import UUID

from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)


def kept(connection: Connection, account_id: UUID, of: str) -> list[dict[str, str]]:
    """Return `name` and `query` of the account's views of a list, oldest first."""
    return connection.execute(_SQL["kept"], {"account_id": account_id, "list": of}).fetchall()


def keep(connection: Connection, account_id: UUID, of: str, name: str, query: str) -> None:
    """Insert a view, or replace the one of that name."""
    connection.execute(_SQL["keep"], {"account_id": account_id, "list": of, "name": name, "query": query})


def forget(connection: Connection, account_id: UUID, of: str, name: str) -> None:
    """Delete a view, if it exists."""
    connection.execute(_SQL["forget"], {"account_id": account_id, "list": of, "name": name})
