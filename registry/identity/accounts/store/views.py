"""Saved views of the console's lists: a name, and filters as a query string."""

from __future__ import annotations

from uuid import UUID

from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)


def of_account(connection: Connection, account_id: UUID, of: str) -> list[dict[str, str]]:
    """Return `name` and `query` of the account's views of a list, oldest first."""
    return connection.execute(_SQL["of_account"], {"account_id": account_id, "list": of}).fetchall()


def save(connection: Connection, account_id: UUID, of: str, name: str, query: str) -> None:
    """Insert a view, or replace the one of that name."""
    connection.execute(_SQL["save"], {"account_id": account_id, "list": of, "name": name, "query": query})


def delete(connection: Connection, account_id: UUID, of: str, name: str) -> None:
    """Delete a view, if it exists."""
    connection.execute(_SQL["delete"], {"account_id": account_id, "list": of, "name": name})
